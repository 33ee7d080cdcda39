// Pictures made for tests: smooth ramps with every channel different, so that swaps and shifts show.

import type { Picture } from "../../../companion/protocol/engine.ts";

/** Planar ramps; alpha, where asked for, runs from 0 to 1 down the picture. */
export function ramp(width: number, height: number, channels: 3 | 4 = 3): Picture {
  const plane = width * height;
  const data = new Float32Array(plane * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      data[i] = x / Math.max(1, width - 1);
      data[plane + i] = y / Math.max(1, height - 1);
      data[2 * plane + i] = (x + y) / Math.max(1, width + height - 2);
      if (channels === 4) data[3 * plane + i] = y / Math.max(1, height - 1);
    }
  }
  return { width, height, channels, data };
}

/** Largest absolute difference of two arrays; NaN when any is, so that `<=` fails on it. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN));
    if (!(difference <= largest)) largest = difference;
    if (Number.isNaN(difference)) return difference;
  }
  return largest;
}
