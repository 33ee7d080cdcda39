// Bundles and runs quick.ts; see there.
//   node test/bench/quick.mjs [--sides 512,2048,4096] [--rounds 3] [--content FILE] [--style FILE]

import { spawnSync } from "node:child_process";
import { bundleBench } from "./bundle.mjs";

const { status } = spawnSync(process.execPath, [await bundleBench("quick"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
