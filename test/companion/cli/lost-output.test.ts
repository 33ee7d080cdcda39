// Commands whose terminal is closed under them, or whose output goes where nothing can be written: what they do is
// done all the same.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BUNDLE, cliEnvironment, FAKE_ADDON } from "./run-cli.ts";

const SAMPLES = resolve(import.meta.dirname, "../../../companion/samples");
const STYLIZE = ["stylize", join(SAMPLES, "tubingen.jpg"), join(SAMPLES, "starry-night.jpg"), "-o", "out.png"];
const IN_TERMINAL = resolve(import.meta.dirname, "../support/in-terminal.py");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-output-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(program, args, { cwd: folder, env: cliEnvironment({ IMPASTO_ADDON: FAKE_ADDON, ...env }) });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data;
    });
  }
  return new Promise<{ code: number | null; output: string }>((settle, fail) => {
    child.on("error", fail);
    child.on("close", (code) => settle({ code, output }));
  });
}

const shell = (line: string, args: readonly string[]) =>
  run("sh", ["-c", line, "sh", process.execPath, BUNDLE, ...args]);

const widthOfResult = async () => (await sharp(join(folder, "out.png")).metadata()).width;

describe("a terminal that is closed", () => {
  const noPython = spawnSync("python3", ["-c", "import pty"]).status === 0 ? "" : "python3 makes the terminal";
  /** What the command ended with. */
  const closed = async (how: "signal" | "silence", text: string, args: readonly string[], env = {}) =>
    (await run("python3", [IN_TERMINAL, how, text, process.execPath, BUNDLE, ...args], env)).output.trim();

  test("ends a run with the best picture so far", async ({ skip }) => {
    if (noPython) skip(noPython);
    expect(await closed("signal", "loss", STYLIZE)).toBe("130");
    expect(await widthOfResult()).toBe(512);
  });

  test("does not end a run that is not told of it", async ({ skip }) => {
    if (noPython) skip(noPython);
    expect(await closed("silence", "loss", [...STYLIZE, "--iterations", "100"])).toBe("0");
    expect(await widthOfResult()).toBe(512);
  });

  test("ends the companion in good order", async ({ skip }) => {
    if (noPython) skip(noPython);
    const home = join(folder, "home");
    const serve = ["serve", "--no-open"];
    expect(await closed("signal", "q quit", serve, { IMPASTO_HOME: home })).toBe("0");
    expect(readdirSync(home).filter((name) => /-wal|runtime/.test(name))).toEqual([]);
    expect(existsSync(join(home, "ledger.sqlite"))).toBe(true);
  });
});

describe.skipIf(!existsSync("/dev/full"))("a disk that is full under the output", () => {
  for (const redirection of ["2>/dev/full", ">/dev/full 2>&1"]) {
    test(`${redirection} costs no picture and no exit code`, async () => {
      const { code } = await shell(`"$@" ${redirection}`, [...STYLIZE, "--iterations", "5"]);
      expect(code).toBe(0);
      expect(await widthOfResult()).toBe(512);
    });
  }

  test("EXPECTED FAILURE - what was to be printed and was not is missed", async () => {
    const told = { code: 1, output: "impasto: The result could not be printed: the disk is full.\n" };
    expect(await shell('"$@" >/dev/full', ["networks", "path", "vgg19-slim"])).toEqual(told);
    expect(await shell('"$@" >/dev/full', [...STYLIZE, "--iterations", "5", "--json", "--quiet"])).toEqual(told);
    expect(await widthOfResult()).toBe(512);
  });
});

test("a log file that may not grow costs no picture", async ({ skip }) => {
  if (process.platform === "win32") skip("limits of file size are POSIX");
  const log = join(folder, "run.log");
  writeFileSync(log, "");
  truncateSync(log, 4 * 1024 * 1024);
  // In blocks of 512 bytes, or 1024 in some shells: less than the log has already, more than the picture needs.
  const { code } = await shell('ulimit -f 4096; "$@" >>run.log 2>&1', [...STYLIZE, "--iterations", "5"]);
  expect(code).toBe(0);
  expect(await widthOfResult()).toBe(512);
  expect(statSync(log).size).toBe(4 * 1024 * 1024);
});
