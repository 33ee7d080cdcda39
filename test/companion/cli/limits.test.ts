// Limits that a shell sets on what it starts: files that may be open, virtual memory, a folder that is gone.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { surroundingsError } from "../../../companion/cli/surroundings-error.ts";
import { BUNDLE, cliEnvironment, FAKE_ADDON } from "./run-cli.ts";

const SAMPLES = resolve(import.meta.dirname, "../../../companion/samples");
const STYLIZE = ["stylize", join(SAMPLES, "tubingen.jpg"), join(SAMPLES, "starry-night.jpg"), "--quiet"];

const SMALL = ["--size", "64", "--quality", "draft"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-limits-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Behind `before`, in a shell. */
function impasto(before: string, args: readonly string[]): { status: number | null; stderr: string } {
  const env = cliEnvironment({ IMPASTO_ADDON: FAKE_ADDON });
  const command = [process.execPath, BUNDLE, ...args];
  return spawnSync("sh", ["-c", `${before} && exec "$0" "$@"`, ...command], { cwd: folder, env, encoding: "utf8" });
}

describe.skipIf(process.platform === "win32")("what a shell limits is told in one sentence, or is no matter:", () => {
  test("a folder that is gone", () => {
    const { status, stderr } = impasto('mkdir gone && cd gone && rmdir "$PWD"', [...STYLIZE, "-o", "out.png"]);
    expect(stderr).toBe("impasto: The folder in which this was called is gone. Change into another one first.\n");
    expect(status).toBe(2);
  });

  test("files that may be open", () => {
    const refused = Object.assign(new Error("EMFILE: too many open files, open 'x'"), { code: "EMFILE" });
    expect(surroundingsError(refused)).toMatchObject({ code: "busy", hint: "Raise the limit: `ulimit -n 1024`." });
    expect(surroundingsError(new Error("something else"))).toBeNull();
  });

  // WebAssembly, in which Node's HTTP client is, reserves ten gigabytes; painting needs neither.
  test.skipIf(process.platform !== "linux")("virtual memory", () => {
    const { status, stderr } = impasto("ulimit -v 6000000", [...STYLIZE, ...SMALL, "-o", "out.png"]);
    expect([status, stderr]).toEqual([0, ""]);
  });
});
