import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { makeFolderPath } from "../../../companion/storage/make-folder.ts";
import { temporaryFolder } from "../support/job-service.ts";

const folder = temporaryFolder();

test("A folder is made with those above it, and left as it is where it stands already", () => {
  const path = join(folder, "a", "b", "c");
  for (const way of [path, `${path}/`, relative(".", path), join(path, "..", "d"), folder, "/"]) {
    makeFolderPath(way, 0o700);
    expect(statSync(way).isDirectory()).toBe(true);
  }
  if (process.platform !== "win32") expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o700);
});

test("EXPECTED FAILURE - a file, or a link to nothing, where a folder is wanted", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => makeFolderPath(join(folder, "file"))).toThrow("EEXIST");
  expect(() => makeFolderPath(join(folder, "file", "inside"))).toThrow(/ENOTDIR|EEXIST|ENOENT/);
  mkdirSync(join(folder, "links"));
  symlinkSync(join(folder, "nothing"), join(folder, "links", "dangling"), "junction");
  expect(() => makeFolderPath(join(folder, "links", "dangling", "inside"))).toThrow("EEXIST");
});
