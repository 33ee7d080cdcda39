// Bundles a bench written in TypeScript, which Node 20 does not run, and says where the bundle lies.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
/** Inside the package, so that the binding finds the addon from there. */
const FOLDER = join(here, "..", "..", "node_modules", ".cache", "impasto-bench");

/** The path of the bundle of test/bench/NAME.ts. */
export async function bundleBench(name) {
  const outfile = join(FOLDER, `${name}.mjs`);
  await build({
    entryPoints: [join(here, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
  return outfile;
}
