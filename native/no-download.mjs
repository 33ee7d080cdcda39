// The package's preinstall script: keeps the installation of ONNX Runtime's package from asking another host.
// That package holds the libraries that Impasto uses; its own script would fetch CUDA's on top, hundreds of megabytes,
// and ends the whole installation where that host is out of reach. npm 10 and 11 run every package's preinstall script
// before any other script, so one that does nothing can be put in its place. npm 12 and pnpm run neither.
// Whoever wants the CUDA libraries asks for them as ONNX Runtime documents it, and gets them.

import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const ASKED_FOR = ["ONNXRUNTIME_NODE_INSTALL", "ONNXRUNTIME_NODE_INSTALL_CUDA"].flatMap((name) => [
  name,
  `npm_config_${name.toLowerCase()}`,
]);

function onnxRuntimeFolder() {
  try {
    return dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  } catch {
    return null; // not there yet: its installation is none of ours
  }
}

const folder = ASKED_FOR.some((name) => process.env[name]) ? null : onnxRuntimeFolder();
if (folder !== null) {
  const script = join(folder, "script", "install.js");
  // Removed first: package managers share files between installations by hard links.
  rmSync(script, { force: true });
  writeFileSync(script, "// Emptied by Impasto, which needs none of the CUDA libraries that were fetched here.\n");
}
