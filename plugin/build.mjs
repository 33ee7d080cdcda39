// Figma's main thread: one plain script for a VM without modules. Syntax is lowered; the VM's library is not.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

/** What stands beside code.js and ui.html in the plugin's own zip. */
const FOLDER = "dist/plugin";

/** esbuild's options for dist/code.js; the manifest of the zip is written with it. */
export function pluginTarget() {
  return {
    entryPoints: { code: "plugin/main.ts" },
    outdir: "dist",
    platform: "neutral",
    target: "es2017",
    format: "iife",
    minify: true,
    sourcemap: false,
    plugins: [{ name: "manifest", setup: (build) => build.onEnd(writeManifest) }],
  };
}

/** The repository's manifest points into dist/; the zip's files lie side by side. */
function writeManifest() {
  const manifest = JSON.parse(readFileSync("manifest.json", "utf8"));
  mkdirSync(FOLDER, { recursive: true });
  const flat = { ...manifest, main: "code.js", ui: "ui.html" };
  writeFileSync(`${FOLDER}/manifest.json`, `${JSON.stringify(flat, null, 2)}\n`);
  copyFileSync("plugin/listing/README.md", `${FOLDER}/README.md`);
}
