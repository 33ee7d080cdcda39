// Bundles and runs sequence.ts; see there.
//   node test/bench/sequence.mjs [--size 256] [--frames 8] [--judge PATH] [--images FOLDER] [--out FOLDER]

import { spawnSync } from "node:child_process";
import { bundleBench } from "./bundle.mjs";

const { status } = spawnSync(process.execPath, [await bundleBench("sequence"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
