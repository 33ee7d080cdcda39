// Mean-activation normalization (Gatys et al. 2016, §2: the "normalised" VGG): filters are rescaled so that every
// channel's mean activation over some photos and all positions is 1, which makes losses comparable between layers.
// ReLU and both poolings commute with a positive scale, so the network computes the same, channel by channel, scaled.

import { setImmediate as yieldToEvents } from "node:timers/promises";
import { ImpastoError } from "../protocol/errors.ts";
import { READ_KINDS } from "../protocol/picture-kinds.ts";
import { type FeatureMap, forwardLayers, forwardOptionsOf } from "./forward.ts";
import type { Convolution, NetworkFile } from "./network-file.ts";

/** Mean activation of each channel, by convolution. */
export type MeanActivations = ReadonlyMap<string, Float64Array>;

/**
 * A channel whose mean is below this share of its layer's median counts as dead: it is scaled like the median one.
 * Empirical: far below what a living channel of VGG19 shows, far above rounding.
 */
const DEAD_SHARE = 0.01;

/**
 * Over all photos and positions, each photo with the same weight. `images`: [3, H, W], RGB in 0 … 1.
 * Throws ImpastoError: bad-picture (too small), file-not-found (none), cancelled.
 */
export async function measureActivations(
  network: NetworkFile,
  images: AsyncIterable<FeatureMap>,
  hooks: { signal?: AbortSignal | undefined; onImage?: (done: number) => void } = {},
): Promise<MeanActivations> {
  const sums = new Map(network.convolutions.map(({ name, outChannels }) => [name, new Float64Array(outChannels)]));
  let count = 0;
  for await (const image of images) {
    const reached = new Set<string>();
    for (const [layer, features] of forwardLayers(network, image, forwardOptionsOf(network))) {
      const name = layer.replace("relu", "conv");
      addChannelMeans(features, sums.get(name));
      reached.add(name);
      await yieldToEvents(); // Ctrl-C must come through
      if (hooks.signal?.aborted) throw new ImpastoError("cancelled", "Stopped; nothing was written.");
    }
    if (reached.size < network.convolutions.length) {
      throw new ImpastoError("bad-picture", "A photo is too small for the network's deepest layer.", {
        hint: "Leave out pictures of less than 32 pixels, or raise --size.",
      });
    }
    count++;
    hooks.onImage?.(count);
  }
  if (count === 0) {
    throw new ImpastoError("file-not-found", "There is no photo to measure with.", {
      hint: `Give a folder with pictures (${READ_KINDS}): --photos DIR.`,
    });
  }
  for (const sum of sums.values()) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) / count;
  return sums;
}

function addChannelMeans({ channels, height, width, data }: FeatureMap, sums: Float64Array | undefined): void {
  if (sums === undefined) return;
  const plane = height * width;
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let i = channel * plane; i < (channel + 1) * plane; i++) sum += data[i] as number;
    sums[channel] = (sums[channel] as number) + sum / plane;
  }
}

/** The same network with filters W·(in/out) and biases b/out, where in and out are the channels' mean activations. */
export function normalizeNetwork(network: NetworkFile, means: MeanActivations, photos: number): NetworkFile {
  let inScales = new Float64Array(3).fill(1);
  const convolutions = network.convolutions.map((convolution) => {
    const outScales = scalesOf(means.get(convolution.name) ?? new Float64Array(convolution.outChannels));
    const rescaled = rescale(convolution, inScales, outScales);
    inScales = outScales;
    return rescaled;
  });
  const normalized = `mean activation 1 over ${photos} photos`;
  return {
    ...network,
    name: `${network.name}-normalized`,
    metadata: { ...network.metadata, normalized },
    convolutions,
  };
}

/** What each channel is divided by. */
function scalesOf(means: Float64Array): Float64Array<ArrayBuffer> {
  const living = means.filter((mean) => mean > 0).sort();
  const median = living[living.length >> 1] ?? 1;
  return Float64Array.from(means, (mean) => (mean < DEAD_SHARE * median ? median : mean));
}

function rescale(convolution: Convolution, inScales: Float64Array, outScales: Float64Array): Convolution {
  const { inChannels, outChannels } = convolution;
  const weight = new Float32Array(convolution.weight.length);
  const bias = new Float32Array(outChannels);
  for (let o = 0; o < outChannels; o++) {
    const out = outScales[o] as number;
    for (let i = 0; i < inChannels; i++) {
      const factor = (inScales[i] as number) / out;
      for (let tap = 0; tap < 9; tap++) {
        const at = (o * inChannels + i) * 9 + tap;
        weight[at] = (convolution.weight[at] as number) * factor;
      }
    }
    bias[o] = (convolution.bias[o] as number) / out;
  }
  return { ...convolution, weight, bias };
}
