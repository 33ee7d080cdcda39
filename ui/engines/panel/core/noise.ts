// Seeded noise, as native/image/noise: the same seed gives the same picture in both engines.

import type { Size } from "../../../../companion/protocol/sizing.ts";
import { clampAll, type InterleavedImage } from "./image.ts";
import { Random } from "./random.ts";

const MEAN = 0.5;
const DEVIATION = 0.15;

/** Normal noise in each channel, drawn plane by plane. */
export function noise({ width, height }: Size, seed: number): InterleavedImage {
  const random = new Random(seed);
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < plane; i++) {
      data[3 * i + channel] = MEAN + random.normal(DEVIATION);
    }
  }
  return { width, height, data: clampAll(data), alpha: null };
}
