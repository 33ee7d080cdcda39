// Noise that is a function of seed and place alone, as native/detail/place_noise: both engines see the same.

import type { Size } from "../../../../companion/protocol/sizing.ts";

/** A permutation of 32-bit numbers that scatters them (Wellons 2018, lowbias32). */
function scatter(value: number): number {
  let x = value ^ (value >>> 16);
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

function chain(value: number, part: number): number {
  return scatter((value + part + 0x9e3779b9) >>> 0);
}

/** [height, width, channels], uniform with mean 0 and deviation 1. */
export function placeNoise(seed: number, level: number, channels: number, { width, height }: Size): Float32Array {
  const values = new Float32Array(channels * width * height);
  const ofLevel = chain(seed, level);
  for (let channel = 0; channel < channels; channel++) {
    const ofChannel = chain(ofLevel, channel);
    for (let y = 0; y < height; y++) {
      const ofRow = chain(ofChannel, y);
      for (let x = 0; x < width; x++) {
        const unit = ((chain(ofRow, x) >>> 8) + 0.5) * 2 ** -24;
        values[(y * width + x) * channels + channel] = Math.sqrt(12) * (unit - 0.5);
      }
    }
  }
  return values;
}
