// Checks the layout of our C++ with clang-format (style in .clang-format); with --write, fixes it.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const native = dirname(fileURLToPath(import.meta.url));
const files = readdirSync(native, { recursive: true })
  .filter((name) => /\.(cc|h)$/.test(name))
  .map((name) => join(native, name));

const mode = process.argv.includes("--write") ? ["-i"] : ["--dry-run", "-Werror"];
const result = spawnSync("clang-format", ["--style=file", ...mode, ...files], { stdio: "inherit" });
if (result.error) {
  console.error("clang-format is needed to check the C++ sources. Install it: sudo apt-get install clang-format");
}
process.exitCode = result.status ?? 1;
