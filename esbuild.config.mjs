// Bundles every runtime's entry into dist/: one function per target, each skipped while its source is not there.
// Usage: node esbuild.config.mjs [--watch]

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { context } from "esbuild";
import { pluginTarget } from "./plugin/build.mjs";
import { panelTarget } from "./ui/build.mjs";

const CHUNKS = join("dist", "chunks");

/**
 * The companion's processes (Node). Packages stay outside; code that two entries or a lazy command share
 * goes into chunks, so that the server's process never loads an image codec.
 */
function companionTarget() {
  const entries = {
    impasto: "companion/cli.ts",
    "engine-child": "companion/engine-child.ts",
    "gpu-probe": "companion/gpu-probe.ts",
  };
  return {
    entryPoints: Object.fromEntries(Object.entries(entries).filter(([, source]) => existsSync(source))),
    outdir: "dist",
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
  };
}

/** Chunks are named after their content: those of earlier builds go, or they would pile up. */
function removeOldChunks(outputs) {
  const current = new Set(Object.keys(outputs));
  const files = existsSync(CHUNKS) ? readdirSync(CHUNKS).map((name) => join(CHUNKS, name)) : [];
  for (const file of files) if (!current.has(file.replaceAll("\\", "/"))) rmSync(file);
}

const SHARED = { bundle: true, sourcemap: true, metafile: true, logLevel: "warning", legalComments: "none" };
const targets = [companionTarget(), pluginTarget(), panelTarget()].filter(
  (target) => Object.keys(target.entryPoints).length > 0,
);

const contexts = await Promise.all(targets.map((target) => context({ ...SHARED, ...target })));
if (process.argv.includes("--watch")) {
  await Promise.all(contexts.map((bundle) => bundle.watch()));
  console.log("Watching. Ctrl-C ends it.");
} else {
  const results = await Promise.all(contexts.map((bundle) => bundle.rebuild()));
  removeOldChunks(Object.assign({}, ...results.map(({ metafile }) => metafile.outputs)));
  await Promise.all(contexts.map((bundle) => bundle.dispose()));
}
