// One size of the native objective, timed on request: one line in, one line of JSON out.
//   node test/bench/engine-peer.mjs NETWORK.safetensors SIDE THREADS

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const [, , networkPath, sideText, threadsText] = process.argv;
const side = Number(sideText);
const threads = Number(threadsText);
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const require = createRequire(join(root, "package.json"));
const addon = require(join(root, "build", "Release", "impasto.node"));
const names = { linux: "libonnxruntime.so.1", darwin: "libonnxruntime.1.dylib", win32: "onnxruntime.dll" };
const ort = dirname(require.resolve("onnxruntime-node/package.json"));
addon.setLibraryPath(join(ort, "bin", "napi-v6", process.platform, process.arch, names[process.platform]));

function picture(seed) {
  let state = seed;
  const data = Float32Array.from({ length: 3 * side * side }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 16777216;
  });
  return { width: side, height: side, channels: 3, data };
}

const settings = {
  strength: 50,
  styleLayerWeights: null,
  contentLayerWeights: null,
  contentWeight: 1,
  styleWeight: 1,
  tvWeight: 0.05,
  stepSize: 0.02,
  size: side,
  budget: null,
  colors: "style",
  styleScale: 1,
  styleLayers: ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"],
  contentLayers: ["relu4_2"],
  tv: "l2",
  styleLoss: "gram",
  pooling: "avg",
  padding: "zero",
  init: "content",
  seed: 0,
  optimizer: "lbfgs",
  history: 10,
  averaging: 0,
  minScale: 128,
  firstIterations: 1,
  iterations: 1,
  device: "cpu",
  threads,
};
const request = { networkPath, image: picture(1), content: picture(2), style: picture(3), settings, repeats: 2 };

for await (const _ of createInterface({ input: process.stdin })) {
  const { seconds } = await addon.evaluateObjective(request);
  const sgemm = await addon.sgemmRate(1536, threads, 5);
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ seconds: Math.min(...seconds), sgemm, peakMegabytes }));
}
