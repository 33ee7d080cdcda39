// Starts the built command line as a user would: dist/impasto.js in a process of its own.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");
const BUNDLE = join(ROOT, "dist", "impasto.js");
export const FAKE_ADDON = join(import.meta.dirname, "fake-addon.cjs");

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

export interface RunCliOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Called once when stderr or stdout first matches. */
  when?: { text: RegExp; act: (child: ChildProcessWithoutNullStreams) => void };
}

export function runCli(args: readonly string[], { cwd, env, when }: RunCliOptions = {}): Promise<Finished> {
  if (!existsSync(BUNDLE)) throw new Error("dist/impasto.js is not there: run `npm run build` first");
  const started = performance.now();
  const child = spawn(process.execPath, [BUNDLE, ...args], {
    cwd: cwd ?? ROOT,
    // A cache of the user's own would change which network `auto` takes.
    env: { ...process.env, IMPASTO_CACHE: join(ROOT, "test", "artifacts", "no-cache"), ...env },
  });
  let stdout = "";
  let stderr = "";
  let acted = false;
  const look = () => {
    if (acted || when === undefined || !when.text.test(stdout + stderr)) return;
    acted = true;
    when.act(child);
  };
  child.stdout.on("data", (data: Buffer) => {
    stdout += data;
    look();
  });
  child.stderr.on("data", (data: Buffer) => {
    stderr += data;
    look();
  });
  return new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("close", (code) => settle({ code, stdout, stderr, seconds: (performance.now() - started) / 1000 }));
  });
}
