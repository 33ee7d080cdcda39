// npm run figma:stand-in: bundles stand-in.ts for this version of Node, and runs it.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** As deep in the repository as its source: addresses of other files stay right. */
const bundle = new URL("../../artifacts/figma/stand-in.mjs", import.meta.url);

await build({
  entryPoints: [fileURLToPath(new URL("stand-in.ts", import.meta.url))],
  outfile: fileURLToPath(bundle),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
});
await import(bundle.href);
