// One size of the native objective, timed on request: one line in, one line of JSON out.
//   engine-peer NETWORK.safetensors SIDE THREADS      (run.mjs bundles and starts it)

import { createInterface } from "node:readline";
import { loadAddon } from "../../native/binding/load.ts";
import { type EvaluationInput, evaluateObjective, randomPicture } from "../native/support/objective.ts";

const [, , networkPath = "", sideText, threadsText] = process.argv;
const side = Number(sideText);
const threads = Number(threadsText);

const request: EvaluationInput = {
  networkPath,
  image: randomPicture(side, side, 1),
  content: randomPicture(side, side, 2),
  style: randomPicture(side, side, 3),
  settings: { threads, size: side, tvWeight: 0.05 },
  repeats: 2,
};

for await (const _ of createInterface({ input: process.stdin })) {
  const { seconds } = await evaluateObjective(request);
  const sgemm = await loadAddon().sgemmRate(1536, threads, 5);
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ seconds: Math.min(...seconds), sgemm, peakMegabytes }));
}
