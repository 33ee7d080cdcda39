// C++ that no door of the addon shows is checked by programs of its own: a few sources, compiled and run.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Why such programs cannot be made here; null: they can. */
export const NO_COMPILER: string | null =
  process.platform === "win32" || spawnSync("c++", ["--version"]).status !== 0
    ? "no C++ compiler that is called as on Unix"
    : null;

/** What the program prints, and what it ends with; its argument is a folder of its own. `sources` from the repository's root. */
export function runCpp(
  sources: readonly string[],
  flags: readonly string[] = [],
): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), "impasto-cpp-"));
  try {
    const program = join(folder, "checks");
    const include = ["-I", join(ROOT, "native"), "-I", join(ROOT, "test/native/support")];
    const files = sources.map((source) => join(ROOT, source));
    const options = ["-std=c++20", "-Wall", "-Wextra", "-pthread", ...flags, ...include, ...files, "-o", program];
    const compiled = spawnSync("c++", options, { encoding: "utf8" });
    if (compiled.status !== 0) throw new Error(compiled.stderr);
    const { status, stdout, stderr } = spawnSync(program, [folder], { encoding: "utf8" });
    return { status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
