// That a prebuilt addon is the same wherever and whenever it is built: what could tell one build from another is left out. The
// addons themselves were built twice, in two folders with caches of their own: docs/release.md.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PLATFORMS } from "../../../native/platform.mjs";
import { compilerOptions, withoutDate } from "../../../native/prebuild/targets.mjs";
import { ROOT } from "../../tree/source-files.ts";

test.each(PLATFORMS)("%s: folders that the compiler is told of are renamed in what it writes", (platform) => {
  const work = "/somewhere/else";
  const options = compilerOptions(platform, work);
  const renamed = options.flatMap((option) => /^-ffile-prefix-map=(.*)=[^/]*$/.exec(option)?.[1] ?? []);
  expect(renamed).toEqual(expect.arrayContaining([work, ROOT.replace(/\/$/, "")]));
  const folders = options.filter((option) => option.startsWith("/"));
  expect(folders.length).toBeGreaterThan(0);
  expect(folders.filter((folder) => !renamed.some((prefix) => folder.startsWith(prefix)))).toEqual([]);
});

test.each(PLATFORMS)("%s: nothing is chosen by the machine that compiles, and no line numbers are kept", (platform) => {
  const options = compilerOptions(platform, "/work");
  expect(options).toContain("-g0");
  expect(options.filter((option) => /^-(?:march|mcpu|mtune)=native|^-g[1-3]?$/.test(option))).toEqual([]);
  expect(options[options.indexOf("-target") + 1]).toMatch(/^(?:x86_64|aarch64)-(?:linux|macos|windows)/);
});

test("no source asks for the time of its compilation", () => {
  const folder = join(ROOT, "native");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(?:cc|h)$/.test(name));
  expect(sources.length).toBeGreaterThan(50);
  const asking = /\b__(?:DATE|TIME|TIMESTAMP)__\b/;
  expect(sources.filter((name) => asking.test(readFileSync(join(folder, name), "utf8")))).toEqual([]);
});

test("the date in the header of a Windows library is taken out, and nothing else", () => {
  const library = Buffer.alloc(256, 7);
  const header = 128;
  library.writeUInt32LE(header, 0x3c);
  const expected = Buffer.from(library);
  expected.fill(0, header + 8, header + 12);
  expect(withoutDate(library).equals(expected)).toBe(true);
});
