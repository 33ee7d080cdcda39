// One size of the native objective on a GPU, timed, and how far its gradient is from the CPU's.
//   gpu-peer NETWORK.safetensors SIDE DEVICE REPEATS      (gpu.mjs bundles and starts it); one line of JSON

import type { Settings } from "../../companion/protocol/settings.ts";
import { loadAddon } from "../../native/binding/load.ts";
import { type EvaluationInput, evaluateObjective, randomPicture, relativeError } from "../native/support/objective.ts";

const [, , networkPath = "", sideText, device, repeatsText] = process.argv;
const side = Number(sideText);

const request = (on: Settings["device"], repeats: number): EvaluationInput => ({
  networkPath,
  image: randomPicture(side, side, 1),
  content: randomPicture(side, side, 2),
  style: randomPicture(side, side, 3),
  settings: { device: on, size: side, tvWeight: 0.05 },
  repeats,
});

const there = await evaluateObjective(request(device as Settings["device"], Number(repeatsText) + 1));
loadAddon().dropIdleObjectives();
const here = await evaluateObjective(request("cpu", 1));
// The first run compiles kernels.
const [first = Number.NaN, ...seconds] = there.seconds;
console.log(
  JSON.stringify({
    first,
    seconds: seconds.toSorted((a, b) => a - b)[seconds.length >> 1],
    gradient: relativeError(there.gradient, here.gradient),
    loss: Math.abs(there.losses.total / here.losses.total - 1),
  }),
);
