// Pixels between the panel and the engine: planar pictures in, interleaved RGB inside, resized for each scale.

import type { Picture } from "../../../../companion/protocol/engine.ts";
import type { Size } from "../../../../companion/protocol/sizing.ts";

/** Interleaved RGB and, where the picture is not opaque, its alpha beside it. */
export interface InterleavedImage {
  width: number;
  height: number;
  /** [H, W, 3] float32, sRGB-encoded, 0 … 1. */
  data: Float32Array;
  /** [H, W], 0 … 1 */
  alpha: Float32Array | null;
}

/** Planar [C, H, W] → interleaved; copies. An alpha of ones is dropped. */
export function toInterleaved({ width, height, channels, data }: Picture): InterleavedImage {
  const plane = width * height;
  const result = new Float32Array(plane * 3);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < plane; i++) result[i * 3 + c] = data[c * plane + i] as number;
  }
  const alpha = channels === 4 ? data.slice(3 * plane) : null;
  return { width, height, data: result, alpha: alpha?.some((x) => x < 1) ? alpha : null };
}

/** Interleaved → planar; copies. Alpha becomes the fourth channel. */
export function toPicture({ width, height, data, alpha }: InterleavedImage): Picture {
  const plane = width * height;
  const channels = alpha === null ? 3 : 4;
  const result = new Float32Array(plane * channels);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < plane; i++) result[c * plane + i] = data[i * 3 + c] as number;
  }
  if (alpha !== null) result.set(alpha, plane * 3);
  return { width, height, channels, data: result };
}

/**
 * smooth: Lanczos-3 when it shrinks, Catmull-Rom when it enlarges; bicubic: Catmull-Rom (Keys 1981, a = −½); bilinear:
 * never leaves the range of its input. These are widened by the factor when they shrink. area: the mean over what a pixel
 * covers, for masks.
 */
export type Filter = "smooth" | "bicubic" | "bilinear" | "area";

/** As native/image/resize, for any number of interleaved channels. The border repeats the outermost pixel. */
export function resize(
  data: Float32Array,
  channels: number,
  from: Size,
  to: Size,
  filter: Filter = "smooth",
): Float32Array {
  if (from.width === to.width && from.height === to.height) return data.slice();
  const columns = tapsOf(from.width, to.width, filter);
  const rows = tapsOf(from.height, to.height, filter);
  const middle = new Float32Array(from.height * to.width * channels);
  for (let y = 0; y < from.height; y++) {
    for (let x = 0; x < to.width; x++) {
      const { begin, weights } = columns[x] as Taps;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) {
          sum += (weights[k] as number) * (data[(y * from.width + begin + k) * channels + c] as number);
        }
        middle[(y * to.width + x) * channels + c] = sum;
      }
    }
  }
  const result = new Float32Array(to.height * to.width * channels);
  const stride = to.width * channels;
  for (let y = 0; y < to.height; y++) {
    const { begin, weights } = rows[y] as Taps;
    for (let k = 0; k < weights.length; k++) {
      const weight = weights[k] as number;
      const source = (begin + k) * stride;
      for (let i = 0; i < stride; i++)
        result[y * stride + i] = (result[y * stride + i] as number) + weight * (middle[source + i] as number);
    }
  }
  return result;
}

/** resize() of a picture, kept in 0 … 1 (a cubic overshoots); its alpha, which must not ring, by the bilinear filter. */
export function resizeImage(image: InterleavedImage, to: Size, filter?: Filter): InterleavedImage {
  const alpha = image.alpha === null ? null : clampAll(resize(image.alpha, 1, image, to, "bilinear"));
  return { width: to.width, height: to.height, data: clampAll(resize(image.data, 3, image, to, filter)), alpha };
}

export function clampAll(data: Float32Array): Float32Array {
  return data.map((x) => Math.min(1, Math.max(0, x)));
}

interface Taps {
  begin: number;
  weights: number[];
}

function tapsOf(from: number, to: number, filter: Filter): Taps[] {
  if (filter === "area") return areaTapsOf(from, to);
  const ratio = from / to;
  const widening = Math.max(1, ratio);
  const { radius, value } = kernelOf(filter, ratio > 1);
  const inside = (i: number): number => Math.min(from - 1, Math.max(0, i));
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * ratio - 0.5;
    const [low, high] = [Math.ceil(center - radius * widening), Math.floor(center + radius * widening)];
    const begin = inside(low);
    const weights = new Array<number>(inside(high) - begin + 1).fill(0);
    let sum = 0;
    for (let j = low; j <= high; j++) {
      const weight = value((j - center) / widening);
      weights[inside(j) - begin] = (weights[inside(j) - begin] as number) + weight;
      sum += weight;
    }
    return { begin, weights: weights.map((weight) => weight / sum) };
  });
}

/** Each input counts by how much of it the output covers. */
function areaTapsOf(from: number, to: number): Taps[] {
  const ratio = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [low, high] = [i * ratio, (i + 1) * ratio];
    const begin = Math.min(Math.floor(low), from - 1);
    const weights: number[] = [];
    for (let j = begin; j < from && (j < high || j === begin); j++) {
      weights.push(Math.max(0, Math.min(j + 1, high) - Math.max(j, low)));
    }
    const sum = weights.reduce((a, b) => a + b, 0);
    return { begin, weights: weights.map((weight) => weight / sum) };
  });
}

interface Kernel {
  radius: number;
  value(x: number): number;
}

const TRIANGLE: Kernel = { radius: 1, value: (x) => Math.max(0, 1 - Math.abs(x)) };
const CATMULL_ROM: Kernel = { radius: 2, value: cubic };
const LANCZOS: Kernel = { radius: 3, value: lanczos3 };

function kernelOf(filter: Filter, shrinks: boolean): Kernel {
  if (filter === "bilinear") return TRIANGLE;
  return filter === "smooth" && shrinks ? LANCZOS : CATMULL_ROM;
}

function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  if (t < 2) return ((-0.5 * t + 2.5) * t - 4) * t + 2;
  return 0;
}

function lanczos3(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= 3) return 0;
  const angle = Math.PI * x;
  return (3 * Math.sin(angle) * Math.sin(angle / 3)) / (angle * angle);
}

/** Interleaved RGB as bytes, for previews. */
export function toBytes(data: Float32Array): Uint8Array {
  return Uint8Array.from(data, (x) => Math.round(Math.min(1, Math.max(0, x)) * 255));
}
