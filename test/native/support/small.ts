// What the objective's tests are run with where nothing else matters: a random network of a sixteenth of VGG19's width
// down to relu3_2, and an objective in which every term counts.

import { makeNetwork } from "../../bench/make-network.mjs";
import type { Form } from "./naive-objective.ts";
import { temporaryFile } from "./objective.ts";
import { readSafetensors } from "./safetensors.ts";

const bytes = makeNetwork({ width: 1 / 16, seed: 5, last: "relu3_2" });
export const SMALL_NETWORK_PATH = temporaryFile("small.safetensors", bytes);
/** For the twin. */
export const SMALL_NETWORK = readSafetensors(bytes);

export const EVERY_TERM: Form = {
  styleLayers: ["relu1_1", "relu2_1", "relu3_1"],
  contentLayers: ["relu2_2"],
  styleLoss: "gram",
  pooling: "avg",
  padding: "zero",
  tv: "l2",
  contentWeight: 1,
  styleWeight: 10,
  tvWeight: 0.5,
};
