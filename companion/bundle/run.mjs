// Runs a program to its end; what it said stands in the error when it fails.

import { spawnSync } from "node:child_process";

/** @returns what the program wrote on stdout */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { encoding: "utf8", maxBuffer: 256 << 20, ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${program} ${args.join(" ")}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

export function runNpm(args, options = {}) {
  // On Windows npm is a script, which only a shell starts.
  return run("npm", args, { shell: process.platform === "win32", ...options });
}
