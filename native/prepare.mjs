// What npm runs in a clone after installing, and before packing: builds the addon and the bundles.
// Both take the development packages. Where those were left out (`--omit=dev`, NODE_ENV=production, `npm install FOLDER`
// of a fresh clone), they are installed first: sources alone would be of no use to anybody.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What the outer npm was told about the folder that it installs into, and what to leave out there. */
const OUTER_SETTINGS =
  /^(?:NODE_ENV|npm_config_(?:omit|include|only|production|global|location|prefix|local_prefix|dry_run|workspaces?|install_links))$/i;

function isInstalled(name) {
  const folders = createRequire(join(root, "package.json")).resolve.paths(name) ?? [];
  return folders.some((folder) => existsSync(join(folder, name, "package.json")));
}

/** [sync] True when it went well. */
function run(program, ...options) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OUTER_SETTINGS.test(name)));
  const { status, error } = spawnSync(program, options, { cwd: root, stdio: "inherit", env });
  if (error) throw error;
  return status === 0;
}

/** [sync] Adds the packages that are missing, and runs no script: this one would be run again. */
function installAll() {
  const byNpm = /^npm\//.test(process.env.npm_config_user_agent ?? "") && process.env.npm_execpath;
  if (!byNpm) {
    console.error(
      "Impasto is built from its sources here, which takes its development packages: install them as well.",
    );
    return false;
  }
  console.log("Installing the development packages as well: Impasto is built from its sources here.");
  return run(process.execPath, byNpm, "install", "--include=dev", "--no-save", "--ignore-scripts");
}

const complete = Object.keys({ ...dependencies, ...devDependencies }).every(isInstalled) || installAll();
const built =
  complete &&
  [join("native", "build.mjs"), "esbuild.config.mjs"].map((script) => run(process.execPath, script)).every(Boolean);
if (!built) process.exitCode = 1;
