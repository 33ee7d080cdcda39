// Whether the backend in use computes right: one loss and gradient of a small made-up network on made-up pictures, with
// the settings of an ordinary run, against what they are. Takes well under a second on a GPU.

import { DEFAULT_SETTINGS } from "../../../../companion/protocol/settings.ts";
import type { InterleavedImage } from "../core/image.ts";
import { measureStyle } from "../core/measure.ts";
import type { Convolution, Network } from "../core/network.ts";
import { openObjective } from "../core/objective.ts";
import { openVgg } from "../core/vgg.ts";

/** Three blocks; wide enough for every kind of matrix product and convolution that wider networks meet. */
const CHANNELS = { relu1_1: 16, relu1_2: 16, relu2_1: 32, relu2_2: 32, relu3_1: 64 } as const;
const LAYERS_USED = Object.keys(CHANNELS) as (keyof typeof CHANNELS)[];
/** More than 2000 positions: long sums are added up in another way. */
const SIDE = 48;

/** WebGL's numbers; what stands behind them is compared with PyTorch and with the native engine (test/ui/engines/panel). */
export const KNOWN_CHECK = { total: 0.10562, gradientNorm: 0.098183, gradientAlong: -0.8015 };
/** Relative; float32 is good to 1e-4, a wrong kernel is far off. */
const TOLERANCE = 2e-3;

export interface Check {
  total: number;
  /** ‖g‖ */
  gradientNorm: number;
  /** Σ g p for a fixed pattern p of ±1. */
  gradientAlong: number;
}

export async function computesRight(): Promise<boolean> {
  const check = await computeCheck();
  return (Object.keys(KNOWN_CHECK) as (keyof Check)[]).every(
    (name) => Math.abs(check[name] / KNOWN_CHECK[name] - 1) <= TOLERANCE,
  );
}

export async function computeCheck(): Promise<Check> {
  const random = makeRandom();
  const network = madeUpNetwork(random);
  const [content, style, image] = [madeUpPicture(random), madeUpPicture(random), madeUpPicture(random)];
  const layers = { styleLayers: ["relu1_1", "relu2_1", "relu3_1"], contentLayers: ["relu3_1"] };
  const settings = { ...DEFAULT_SETTINGS, ...layers } as typeof DEFAULT_SETTINGS;
  const vgg = openVgg(network, "relu3_1", settings);
  const regions = [{ mask: null, style: await measureStyle(vgg, style, settings.styleLayers) }];
  const objective = await openObjective(vgg, content, regions, settings);
  const weights = {
    content: 1,
    style: 1,
    tv: 0,
    contentLayers: [1],
    styleLayers: [1, 1, 1],
    contentTerms: [1],
    styleTerms: [1],
  };
  const { losses, gradient } = await objective.evaluate(image.data, weights);
  objective.dispose();
  vgg.dispose();
  let square = 0;
  let along = 0;
  gradient.forEach((slope, i) => {
    square += slope * slope;
    along += slope * (i % 3 === 0 ? 1 : -1);
  });
  return { total: losses.total, gradientNorm: Math.sqrt(square), gradientAlong: along };
}

/** The same numbers everywhere, in 0 … 1 (Numerical Recipes' quick generator, exact in integers). */
function makeRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

function madeUpNetwork(random: () => number): Network {
  let inChannels = 3;
  const convolutions = LAYERS_USED.map((layer): Convolution => {
    const outChannels = CHANNELS[layer];
    // Keeps the size of the features from layer to layer (He et al. 2015); uniform in ±√(6 / n).
    const reach = Math.sqrt(6 / (9 * inChannels));
    const weight = Float32Array.from({ length: outChannels * inChannels * 9 }, () => reach * (2 * random() - 1));
    const bias = Float32Array.from({ length: outChannels }, () => 0.1 * random());
    const convolution = { layer, inChannels, outChannels, weight, bias };
    inChannels = outChannels;
    return convolution;
  });
  return {
    name: "self-check",
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
    pooling: "avg",
    padding: null,
    convolutions,
  };
}

/** Ramps and waves with some noise, each picture its own. */
function madeUpPicture(random: () => number): InterleavedImage {
  const [right, down] = [random(), random()];
  const data = new Float32Array(SIDE * SIDE * 3);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)];
    data[i] = 0.25 + (0.25 * (right * x + down * y)) / SIDE + 0.25 * random();
  }
  return { width: SIDE, height: SIDE, data, alpha: null };
}
