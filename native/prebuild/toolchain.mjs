// The compilers of the prebuilt addons: zig's, which holds the C and C++ libraries of every target, and LLVM's linker for
// macOS. zig comes from PyPI in one pinned version, into a virtual environment under build/.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const ZIG_PACKAGE = "ziglang==0.17.1";
const ENVIRONMENT = join(ROOT, "build", "zig");

/** [sync] Its output; throws what it said when it fails. */
export function run(program, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 64 << 20,
    ...options,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}\n${stdout}${stderr}`);
  return { stdout, stderr };
}

/** [sync] The path of zig: $ZIG, or the pinned one, which is installed when it is not there yet. */
export function findZig() {
  if (process.env.ZIG) return process.env.ZIG;
  const python = join(ENVIRONMENT, "bin", "python");
  if (!existsSync(python)) run("python3", ["-m", "venv", ENVIRONMENT]);
  run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ZIG_PACKAGE]);
  const found = run(python, ["-c", "import ziglang; print(ziglang.__path__[0])"]).stdout.trim();
  return join(found, "zig");
}

/** [sync] ld64.lld: $LLD, Debian's folders of LLVM, newest first, or the PATH. */
export function findMacLinker() {
  if (process.env.LLD) return process.env.LLD;
  const versions = existsSync("/usr/lib") ? readdirSync("/usr/lib").filter((name) => /^llvm-\d+$/.test(name)) : [];
  const newest = versions.sort((a, b) => Number(b.slice(5)) - Number(a.slice(5)));
  const paths = newest.map((name) => join("/usr/lib", name, "bin", "ld64.lld"));
  return paths.find((path) => existsSync(path)) ?? "ld64.lld";
}
