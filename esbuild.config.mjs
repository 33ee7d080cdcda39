// Bundles every runtime's entry into dist/: one function per target.
// Usage: node esbuild.config.mjs [--watch]

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { context } from "esbuild";
import { companionTarget } from "./companion/build.mjs";
import { pluginTarget } from "./plugin/build.mjs";
import { panelTarget } from "./ui/build.mjs";

const CHUNKS = join("dist", "chunks");

/** Chunks are named after their content: those of earlier builds go, or they would pile up. */
function removeOldChunks(outputs) {
  const current = new Set(Object.keys(outputs));
  const files = existsSync(CHUNKS) ? readdirSync(CHUNKS).map((name) => join(CHUNKS, name)) : [];
  for (const file of files) if (!current.has(file.replaceAll("\\", "/"))) rmSync(file);
}

/** For `impasto doctor`: SOURCE_DATE_EPOCH, else the commit's date, so that the same sources give the same files. */
function writeBuildDate() {
  const { stdout } = spawnSync("git", ["log", "-1", "--format=%ct"], { encoding: "utf8" });
  const seconds = Number(process.env.SOURCE_DATE_EPOCH || stdout) || Date.now() / 1000;
  const date = new Date(seconds * 1000).toISOString().slice(0, 10);
  writeFileSync(join("dist", "build.json"), `${JSON.stringify({ date })}\n`);
}

const SHARED = { bundle: true, sourcemap: true, metafile: true, logLevel: "warning", legalComments: "none" };
const targets = [companionTarget(), pluginTarget(), panelTarget()];

const contexts = await Promise.all(targets.map((target) => context({ ...SHARED, ...target })));
if (process.argv.includes("--watch")) {
  await Promise.all(contexts.map((bundle) => bundle.watch()));
  console.log("Watching. Ctrl-C ends it.");
} else {
  const results = await Promise.all(contexts.map((bundle) => bundle.rebuild()));
  writeBuildDate();
  removeOldChunks(Object.assign({}, ...results.map(({ metafile }) => metafile.outputs)));
  await Promise.all(contexts.map((bundle) => bundle.dispose()));
}
