// Bundles and runs quality.ts; see there.
//   node test/bench/quality.mjs [--seconds 30] [--size 384] [--network PATH] [--out FOLDER]

import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
// Inside the package, so that the binding finds the addon from there.
const bundle = join(here, "..", "..", "node_modules", ".cache", "impasto-bench", "quality.mjs");
await build({
  entryPoints: [join(here, "quality.ts")],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
});
const { status } = spawnSync(process.execPath, [bundle, ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
