// Colors of one picture on another, as native/image/color: by luminance alone, or by matching mean and spread.
// After Gatys, Bethge, Hertzmann & Shechtman 2016, "Preserving Color in Neural Artistic Style Transfer".

import type { InterleavedImage } from "./image.ts";

const LUMA = [0.299, 0.587, 0.114] as const;

/** The Y of YIQ in all three channels. */
export function luminance(image: InterleavedImage): InterleavedImage {
  const data = new Float32Array(image.data.length);
  for (let i = 0; i < data.length; i += 3) data.fill(lumaAt(image.data, i), i, i + 3);
  return { ...image, data };
}

/** Shifts and stretches `style`'s luminance to the mean and spread of `content`'s (eq. 10); both as from luminance(). */
export function matchLuminance(style: InterleavedImage, content: InterleavedImage): InterleavedImage {
  const from = spread(style.data, 0);
  const to = spread(content.data, 0);
  const factor = to.deviation / Math.max(from.deviation, 1e-6);
  return { ...style, data: style.data.map((x) => unit((x - from.mean) * factor + to.mean)) };
}

/** Puts the luminance of `painted` under the I and Q of `content`; same sizes. */
export function replaceLuminance(content: InterleavedImage, painted: InterleavedImage): InterleavedImage {
  const data = new Float32Array(content.data.length);
  for (let i = 0; i < data.length; i += 3) {
    // Y, I and Q are linear, so that a new Y with the same I and Q is the same shift of R, G and B.
    const shift = lumaAt(painted.data, i) - lumaAt(content.data, i);
    for (let c = 0; c < 3; c++) data[i + c] = unit((content.data[i + c] as number) + shift);
  }
  return { ...content, data };
}

/** Gives each channel of `source` the mean and spread of `target`'s. */
export function matchColors(source: InterleavedImage, target: InterleavedImage): InterleavedImage {
  const maps = [0, 1, 2].map((channel) => {
    const from = spread(source.data, channel);
    const to = spread(target.data, channel);
    return { from: from.mean, to: to.mean, factor: to.deviation / Math.max(from.deviation, 1e-3) };
  });
  const data = source.data.map((x, i) => {
    const { from, to, factor } = maps[i % 3] as (typeof maps)[number];
    return unit((x - from) * factor + to);
  });
  return { ...source, data };
}

function lumaAt(data: Float32Array, i: number): number {
  return LUMA[0] * (data[i] as number) + LUMA[1] * (data[i + 1] as number) + LUMA[2] * (data[i + 2] as number);
}

function spread(data: Float32Array, channel: number): { mean: number; deviation: number } {
  const count = data.length / 3;
  let sum = 0;
  let squares = 0;
  for (let i = channel; i < data.length; i += 3) {
    sum += data[i] as number;
    squares += (data[i] as number) ** 2;
  }
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

function unit(x: number): number {
  return Math.min(1, Math.max(0, x));
}
