// Bundles and runs quality.ts; see there.
//   node test/bench/quality.mjs [--seconds 30] [--size 384] [--network PATH] [--out FOLDER]

import { spawnSync } from "node:child_process";
import { bundleBench } from "./bundle.mjs";

const { status } = spawnSync(process.execPath, [await bundleBench("quality"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
