// Runs a program to its end; what it said stands in the error when it fails.

import { spawnSync } from "node:child_process";

/** @returns what the program wrote on stdout */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { encoding: "utf8", maxBuffer: 256 << 20, ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${program} ${args.join(" ")}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** [sync] What npm says of the one package that it packs: its file's name and what it holds. */
export function packByNpm(args, options) {
  const answer = JSON.parse(runNpm(["pack", "--json", ...args], options));
  return Object.values(answer)[0]; // a list; of npm 12 an object by name
}

export function runNpm(args, options = {}) {
  // On Windows npm is a script, which only a shell starts.
  return run("npm", args, { shell: process.platform === "win32", ...options });
}
