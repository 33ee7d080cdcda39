// Colors of one picture on another, as native/image/color: by luminance alone, or by optimal transport.
// After Gatys, Bethge, Hertzmann & Shechtman 2016, "Preserving Color in Neural Artistic Style Transfer".

import type { InterleavedImage } from "./image.ts";
import { symmetricEigen } from "./symmetric.ts";

const LUMA = [0.299, 0.587, 0.114] as const;

/** The Y of YIQ in all three channels. */
export function luminance(image: InterleavedImage): InterleavedImage {
  const data = new Float32Array(image.data.length);
  for (let i = 0; i < data.length; i += 3) data.fill(lumaAt(image.data, i), i, i + 3);
  return { ...image, data };
}

/** Shifts and stretches `style`'s luminance to the mean and spread of `content`'s (eq. 10); both as from luminance(). */
export function matchLuminance(style: InterleavedImage, content: InterleavedImage): InterleavedImage {
  const from = spread(style.data);
  const to = spread(content.data);
  const factor = to.deviation / Math.max(from.deviation, 1e-4);
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

/**
 * Gives `source` the mean and the covariance of `target`'s colors by the symmetric map that moves colors least (optimal
 * transport between Gaussians): A = Σs^-½ (Σs^½ Σt Σs^½)^½ Σs^-½.
 */
export function matchColors(source: InterleavedImage, target: InterleavedImage): InterleavedImage {
  const from = colorStatistics(source);
  const to = colorStatistics(target);
  const root = symmetricPower(from.covariance, 0.5);
  const inverse = symmetricPower(from.covariance, -0.5);
  const middle = symmetricPower(multiply(multiply(root, to.covariance), root), 0.5);
  const map = multiply(multiply(inverse, middle), inverse);
  const data = new Float32Array(source.data.length);
  for (let i = 0; i < data.length; i += 3) {
    for (let a = 0; a < 3; a++) {
      let value = to.mean[a] as number;
      for (let b = 0; b < 3; b++) {
        value += (map[a * 3 + b] as number) * ((source.data[i + b] as number) - (from.mean[b] as number));
      }
      data[i + a] = unit(value);
    }
  }
  return { ...source, data };
}

interface ColorStatistics {
  /** [3] */
  mean: readonly number[];
  /** [3, 3] */
  covariance: Float64Array;
}

function colorStatistics({ data }: InterleavedImage): ColorStatistics {
  const count = data.length / 3;
  const mean = [0, 0, 0];
  for (let i = 0; i < data.length; i++) mean[i % 3] = (mean[i % 3] as number) + (data[i] as number) / count;
  const covariance = new Float64Array(9);
  for (let i = 0; i < data.length; i += 3) {
    for (let at = 0; at < 9; at++) {
      const [a, b] = [Math.floor(at / 3), at % 3];
      const product = ((data[i + a] as number) - (mean[a] as number)) * ((data[i + b] as number) - (mean[b] as number));
      covariance[at] = (covariance[at] as number) + product / count;
    }
  }
  // A picture of one color still has to be divided by.
  for (let a = 0; a < 3; a++) covariance[a * 4] = (covariance[a * 4] as number) + 1e-5;
  return { mean, covariance };
}

/** m^power of a symmetric positive [3, 3]. */
function symmetricPower(matrix: Float64Array, power: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, 3);
  return Float64Array.from({ length: 9 }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < 3; k++) {
      const [a, b] = [vectors[k * 3 + Math.floor(at / 3)] as number, vectors[k * 3 + (at % 3)] as number];
      sum += a * b * Math.max(values[k] as number, 1e-12) ** power;
    }
    return sum;
  });
}

/** [3, 3] · [3, 3] */
function multiply(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from({ length: 9 }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < 3; k++) sum += (a[at - (at % 3) + k] as number) * (b[k * 3 + (at % 3)] as number);
    return sum;
  });
}

function lumaAt(data: Float32Array, i: number): number {
  return LUMA[0] * (data[i] as number) + LUMA[1] * (data[i + 1] as number) + LUMA[2] * (data[i + 2] as number);
}

/** Of the first channel. */
function spread(data: Float32Array): { mean: number; deviation: number } {
  const count = data.length / 3;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < data.length; i += 3) {
    sum += data[i] as number;
    squares += (data[i] as number) ** 2;
  }
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

function unit(x: number): number {
  return Math.min(1, Math.max(0, x));
}
