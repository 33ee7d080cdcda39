// Type-checks every runtime with its own tsconfig: no DOM in the plugin, no Node in the panel.
// Usage: node test/typecheck.mjs [folder ...]

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const PROJECTS = ["companion/protocol", "companion", "native", "plugin", "ui", "test", "test/companion"];

const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
const chosen = process.argv.length > 2 ? process.argv.slice(2) : PROJECTS;
let failed = false;
for (const project of chosen) {
  const config = join(project, "tsconfig.json");
  if (!existsSync(config)) throw new Error(`${config} does not exist`);
  const { status } = spawnSync(process.execPath, [compiler, "-p", config], { stdio: "inherit" });
  if (status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
