// Starts the built command line as a user would: dist/impasto.js in a process of its own.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { PORTS } from "../../../companion/protocol/ports.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
export const BUNDLE = join(ROOT, "dist", "impasto.js");
const MEASURE = join(import.meta.dirname, "measure.cjs");
const OWN_PORTS = join(import.meta.dirname, "..", "support", "own-ports.cjs");
export const FAKE_ADDON = join(import.meta.dirname, "fake-addon.cjs");

/** The longest that a refusal may take, s of processor time; and of wall-clock time however busy the machine is. */
const REFUSAL_CPU_SECONDS = 1;
const REFUSAL_SECONDS = 20;

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

export interface RunCliOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Modules that the process begins with. */
  preload?: readonly string[];
  /** Called once when stderr or stdout first matches. */
  when?: { text: RegExp; act: (child: ChildProcessWithoutNullStreams) => unknown };
}

/** A cache of the user's own would change which network `auto` takes; companions listen on ports of their own. */
export function cliEnvironment(env: Record<string, string> = {}, preload: readonly string[] = []): NodeJS.ProcessEnv {
  return {
    ...process.env,
    IMPASTO_CACHE: join(ROOT, "test", "artifacts", "no-cache"),
    IMPASTO_PORTS_OF_OTHERS: PORTS.join(","),
    NODE_OPTIONS: [OWN_PORTS, ...preload].map((path) => `--require=${JSON.stringify(path)}`).join(" "),
    ...env,
  };
}

export function runCli(args: readonly string[], { cwd, env, preload, when }: RunCliOptions = {}): Promise<Finished> {
  if (!existsSync(BUNDLE)) throw new Error("dist/impasto.js is not there: run `npm run build` first");
  const started = performance.now();
  const child = spawn(process.execPath, [BUNDLE, ...args], {
    cwd: cwd ?? ROOT,
    env: cliEnvironment(env, preload),
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

/** Like runCli; and holds it against the promise that bad input ends within a second. */
export async function runRefusal(args: readonly string[], options: RunCliOptions = {}): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), "impasto-measure-"));
  const measure = join(folder, "cpu-seconds");
  try {
    const env = { ...options.env, IMPASTO_MEASURE: measure };
    const finished = await runCli(args, { ...options, env, preload: [MEASURE] });
    expect(Number(readFileSync(measure, "utf8")), "seconds of processor time").toBeLessThan(REFUSAL_CPU_SECONDS);
    expect(finished.seconds).toBeLessThan(REFUSAL_SECONDS);
    return finished;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
