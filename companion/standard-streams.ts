// stdin and stdout where a command takes a file: "-" as everywhere on the command line, or as the system calls them.

import { ImpastoError } from "./protocol/errors.ts";

const STDIN_NAMES: ReadonlySet<string> = new Set(["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]);
const STDOUT_NAMES: ReadonlySet<string> = new Set(["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]);

export function isStdin(path: string): boolean {
  return STDIN_NAMES.has(path);
}

export function isStdout(path: string): boolean {
  return STDOUT_NAMES.has(path);
}

/** @throws ImpastoError("bad-request") where stdin is asked for more than one picture */
export function requireOneStdin(inputs: readonly string[]): void {
  if (inputs.filter(isStdin).length < 2) return;
  throw new ImpastoError("bad-request", "stdin brings one picture, and more than one is asked for from it.", {
    hint: "Name the others as files.",
  });
}
