// Resizes planes by a triangle filter that widens where it shrinks, so that nothing aliases and nothing rings.

import type { Planes } from "./pixels.ts";

interface Taps {
  first: number;
  weights: number[];
}

/** Any number of channels of width × height, one after another. */
export function resample(picture: Planes, width: number, height: number): Planes {
  if (picture.width === width && picture.height === height) return picture;
  const channels = picture.data.length / (picture.width * picture.height);
  const across = resampleRows(picture.data, picture.width, channels * picture.height, tapsOf(picture.width, width));
  const data = new Float32Array(channels * width * height);
  const down = tapsOf(picture.height, height);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      const { first, weights } = down[y] as Taps;
      const to = (channel * height + y) * width;
      weights.forEach((weight, i) => {
        const from = (channel * picture.height + first + i) * width;
        for (let x = 0; x < width; x++) data[to + x] = (data[to + x] as number) + weight * (across[from + x] as number);
      });
    }
  }
  return { width, height, data };
}

function resampleRows(data: Float32Array, from: number, rows: number, taps: readonly Taps[]): Float32Array {
  const out = new Float32Array(rows * taps.length);
  for (let row = 0; row < rows; row++) {
    taps.forEach(({ first, weights }, x) => {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += (weights[i] as number) * (data[row * from + first + i] as number);
      out[row * taps.length + x] = sum;
    });
  }
  return out;
}

function tapsOf(from: number, to: number): Taps[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, at) => {
    const center = (at + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(center - reach));
    const last = Math.min(from - 1, Math.floor(center + reach));
    const weights = Array.from({ length: last - first + 1 }, (_unused, i) =>
      Math.max(0, 1 - Math.abs(first + i - center) / reach),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return sum > 0 ? { first, weights: weights.map((weight) => weight / sum) } : { first, weights: [1] };
  });
}

/** The middle of the picture at exactly this size: what is too long is cut off on both sides, nothing is squeezed. */
export function cover(picture: Planes, width: number, height: number): Planes {
  const scale = Math.max(width / picture.width, height / picture.height);
  const scaled = resample(
    picture,
    Math.max(width, Math.round(picture.width * scale)),
    Math.max(height, Math.round(picture.height * scale)),
  );
  const left = Math.floor((scaled.width - width) / 2);
  const top = Math.floor((scaled.height - height) / 2);
  const channels = scaled.data.length / (scaled.width * scaled.height);
  const data = new Float32Array(channels * width * height);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      const from = (channel * scaled.height + top + y) * scaled.width + left;
      data.set(scaled.data.subarray(from, from + width), (channel * height + y) * width);
    }
  }
  return { width, height, data };
}
