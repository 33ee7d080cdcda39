// Where files go: the platform's folders or IMPASTO_HOME, closed to everybody else.

import { chmodSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { ensurePrivateFolder, folders } from "../../../companion/storage/data-folder.ts";
import { temporaryFolder } from "../support/job-service.ts";

test("IMPASTO_HOME holds everything, and an empty one counts as none", () => {
  const home = folders({ IMPASTO_HOME: "here" });
  expect(home.data).toBe(resolve("here"));
  expect([home.cache, home.logs].every((path) => path.startsWith(resolve("here")))).toBe(true);
  expect(folders({ IMPASTO_HOME: "" })).toEqual(folders({}));
  expect(folders({}).data).toMatch(/impasto/i);
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
