// Where files go: the platform's folders or IMPASTO_HOME, closed to everybody else.

import { chmodSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test, vi } from "vitest";
import { verdictPath } from "../../../companion/gpu/verdict-file.ts";
import { networksFolder } from "../../../companion/networks/store.ts";
import { ensurePrivateFolder, folders } from "../../../companion/storage/data-folder.ts";
import { homeFolder, platformFolder } from "../../../companion/storage/platform-folders.ts";
import { temporaryFolder } from "../support/job-service.ts";

test("IMPASTO_HOME holds everything, and an empty one counts as none", () => {
  const home = folders({ IMPASTO_HOME: "here" });
  expect(home.data).toBe(resolve("here"));
  expect([home.cache, home.logs].every((path) => path.startsWith(resolve("here")))).toBe(true);
  expect(folders({ IMPASTO_HOME: "" })).toEqual(folders({}));
  expect(home.cache).toBe(resolve("here", "cache"));
  expect(folders({}).data).toMatch(/impasto/i);
});

test("IMPASTO_CACHE moves the cache alone: networks, and what was measured about the GPU", () => {
  const moved = folders({ IMPASTO_HOME: "here", IMPASTO_CACHE: "there" });
  expect([moved.data, moved.cache, moved.logs]).toEqual([resolve("here"), resolve("there"), resolve("here", "logs")]);
  try {
    vi.stubEnv("IMPASTO_HOME", "here");
    vi.stubEnv("IMPASTO_CACHE", undefined);
    expect([networksFolder(), verdictPath()]).toEqual([
      resolve("here", "cache", "networks"),
      resolve("here", "cache", "gpu.json"),
    ]);
    vi.stubEnv("IMPASTO_CACHE", "there");
    expect([networksFolder(), verdictPath()]).toEqual([resolve("there", "networks"), resolve("there", "gpu.json")]);
  } finally {
    vi.unstubAllEnvs();
  }
});

test("each platform has its own places; relative ones of the environment are none", () => {
  const home = homeFolder() ?? "";
  expect(platformFolder("data", {}, "darwin")).toBe(join(home, "Library", "Application Support", "impasto"));
  expect(platformFolder("cache", { LOCALAPPDATA: "C:\\Local" }, "win32")).toBe(join("C:\\Local", "impasto", "Cache"));
  expect(platformFolder("cache", { XDG_CACHE_HOME: "relative" }, "linux")).toBe(join(home, ".cache", "impasto"));
  expect(platformFolder("logs", { XDG_STATE_HOME: resolve("/state") }, "linux")).toBe(resolve("/state/impasto"));
});

test("a folder is made for its owner alone, and an open one is closed", () => {
  const folder = join(temporaryFolder(), "a", "b");
  ensurePrivateFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  chmodSync(folder, 0o755);
  ensurePrivateFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("BAD CALL - a folder that cannot be made is said to be so", () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  expect(() => ensurePrivateFolder(join(file, "inside"))).toThrowError(
    expect.objectContaining({ code: "file-not-writable", hint: expect.stringContaining("IMPASTO_HOME") }),
  );
});
