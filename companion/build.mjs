// The companion's processes, which run on Node.

import { readFileSync } from "node:fs";

const { dependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
/**
 * What is needed at run time stays outside, in node_modules. typebox is built in: it is hundreds of files, whose opening
 * took every command half a second. fflate is, because one file of it is all that is needed, and the S3 client, which few
 * want and which would be a third of what everybody installs: in chunks of its own, loaded with `--blobs` alone.
 */
export const KEPT_OUTSIDE = Object.keys(dependencies);

/**
 * esbuild's options for dist/impasto.js and the processes that it starts. Code that two entries or a lazy command
 * share goes into chunks, so that the server's process never loads an image codec.
 */
export function companionTarget() {
  return {
    entryPoints: {
      impasto: "companion/cli.ts",
      "engine-child": "companion/engine-child.ts",
      "gpu-probe": "companion/gpu-probe.ts",
      "heic-decoder": "companion/heic-decoder.ts",
      "learn-child": "companion/learn-child.ts",
      "model-child": "companion/model-child.ts",
    },
    outdir: "dist",
    platform: "node",
    target: "node20",
    format: "esm",
    // Of packages that are built in, the modules and not their copies for `require`.
    mainFields: ["module", "main"],
    external: KEPT_OUTSIDE,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
  };
}
