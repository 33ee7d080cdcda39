// Bundles test entries that run as processes of their own: Node 20 runs no TypeScript.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { KEPT_OUTSIDE } from "../../../companion/build.mjs";

/** Below the repository, so that packages are found; not in the tree. */
const FOLDER = join("node_modules", ".cache", "impasto-tests", String(process.pid));
/** Files of tests share their process. */
const built = new Set<string>();

/** Paths of the bundled modules, in the order of the entries (files in test/companion/support, without .ts). */
export async function bundleEntries(...names: string[]): Promise<string[]> {
  if (built.size === 0) process.once("exit", () => rmSync(FOLDER, { recursive: true, force: true }));
  const missing = names.filter((name) => !built.has(name));
  if (missing.length > 0) await buildEntries(missing);
  for (const name of missing) built.add(name);
  return names.map((name) => join(process.cwd(), FOLDER, `${name}.mjs`));
}

async function buildEntries(names: readonly string[]): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  await build({
    entryPoints: names.map((name) => join("test", "companion", "support", `${name}.ts`)),
    outdir: FOLDER,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // The S3 client as well: only the build needs it inside.
    external: [...KEPT_OUTSIDE, "@aws-sdk/client-s3"],
    outExtension: { ".js": ".mjs" },
    logLevel: "error",
  });
}
