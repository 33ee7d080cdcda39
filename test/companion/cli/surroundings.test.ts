// Runs in surroundings that a test cannot have otherwise: a library in front of the system's own plays them.

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FAKE_ADDON, runCli } from "./run-cli.ts";

const SAMPLES = resolve(import.meta.dirname, "../../../companion/samples");
const STYLIZE = ["stylize", join(SAMPLES, "tubingen.jpg"), join(SAMPLES, "starry-night.jpg"), "-o", "out.png"];
const SOURCE = resolve(import.meta.dirname, "../support/surroundings.c");
const missing =
  process.platform !== "linux"
    ? "the library is written for Linux"
    : spawnSync("cc", ["--version"]).status === 0
      ? ""
      : "there is no C compiler to make the library with";

let folder: string;
let library = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-surroundings-"));
  library = join(folder, "surroundings.so");
  if (missing === "") execFileSync("cc", ["-shared", "-fPIC", "-o", library, SOURCE, "-ldl"]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inSurroundings = (args: string[], env: Record<string, string>) =>
  runCli(args, { cwd: folder, env: { LD_PRELOAD: library, ...env } });

describe("a disk that is unlike others", () => {
  const surroundings: [string, Record<string, string>][] = [
    ["folders that cannot be flushed", { FSYNC_FOLDER: "22" }],
    ["folders whose flush breaks", { FSYNC_FOLDER: "5" }],
    ["no word of its size", { STATFS: "none" }],
    ["150 GB free of 4 TB", { STATFS: "large" }],
  ];
  for (const [name, env] of surroundings) {
    test(`${name}: the result is written`, async ({ skip }) => {
      if (missing !== "") skip(missing);
      rmSync(join(folder, "out.png"), { force: true });
      const args = [...STYLIZE, "--iterations", "2", "--quiet"];
      const { code, stderr } = await inSurroundings(args, { ...env, IMPASTO_ADDON: FAKE_ADDON });
      expect([code, stderr]).toEqual([0, ""]);
      expect(existsSync(join(folder, "out.png"))).toBe(true);
    });
  }
});

test("EXPECTED FAILURE - a name that is not stored as UTF-8 is told what to do about", async ({ skip }) => {
  if (process.platform !== "linux") skip("other systems store names as Unicode");
  const frames = join(folder, "frames");
  mkdirSync(frames);
  writeFileSync(Buffer.concat([Buffer.from(`${frames}/caf`), Buffer.from([0xe9]), Buffer.from(".png")]), "");
  const style = join(SAMPLES, "starry-night.jpg");
  const { code, stderr } = await runCli(["batch", frames, "--style", style, "-o", "results"], { cwd: folder });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/There is no file .*caf\ufffd\.png\. .*rename it\.\n$/)]);
});

test("a protected result is replaced with --force alone, before which no work is done", async ({ skip }) => {
  if (process.platform === "win32") skip("rights of files are POSIX");
  const out = join(folder, "protected.png");
  writeFileSync(out, "old");
  chmodSync(out, 0o444);
  const args = [...STYLIZE.slice(0, 3), "-o", out, "--iterations", "2"];
  const env = { IMPASTO_ADDON: FAKE_ADDON };
  const refused = await runCli(args, { cwd: folder, env });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/protected against writing.*--force/)]);
  expect(refused.stderr).not.toContain("loss");
  expect(readFileSync(out, "utf8")).toBe("old");
  expect((await runCli([...args, "--force"], { cwd: folder, env })).code).toBe(0);
  expect(statSync(out).size).toBeGreaterThan(1000);
});

test("EXPECTED FAILURE - where no more threads can be had, one sentence says so, wherever it is met", async ({
  skip,
}) => {
  if (missing !== "") skip(missing);
  // What Node has for itself when it has read a file: below that it ends by itself.
  const count =
    "fs.promises.readFile(process.execPath).then(() => console.log(fs.readdirSync('/proc/self/task').length))";
  const own = Number(execFileSync(process.execPath, ["-e", count], { encoding: "utf8" })) - 1;
  const args = [...STYLIZE, "--size", "64", "--first-iterations", "3", "--threads", "4", "--device", "cpu", "--quiet"];
  for (const more of [1, 3, 8]) {
    const { code, stderr } = await inSurroundings(args, { THREADS: String(own + more) });
    expect([more, code, stderr]).toEqual([
      more,
      1,
      expect.stringMatching(/^impasto: The system lets Impasto start no more threads\. .*ulimit -u.*\n$/),
    ]);
  }
  expect((await inSurroundings(args, { THREADS: String(own + 40) })).code).toBe(0);
});
