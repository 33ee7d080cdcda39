// Colors of one picture on another, as native/image/color: by luminance alone, by optimal transport, or by matching each
// channel's histogram.
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

/** How much each pixel counts in a picture's statistics, [H, W]; null: all alike. */
type Counts = Float32Array | null;

/** Shifts and stretches `style`'s luminance to the mean and spread of `content`'s (eq. 10); both as from luminance(). */
export function matchLuminance(
  style: InterleavedImage,
  content: InterleavedImage,
  styleCounts: Counts = null,
  contentCounts: Counts = null,
): InterleavedImage {
  const from = spread(style.data, withArea(styleCounts));
  const to = spread(content.data, withArea(contentCounts));
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
export function matchColors(
  source: InterleavedImage,
  target: InterleavedImage,
  sourceCounts: Counts = null,
  targetCounts: Counts = null,
): InterleavedImage {
  const from = colorStatistics(source, withArea(sourceCounts));
  const to = colorStatistics(target, withArea(targetCounts));
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

/** Moves each channel of `source` by the rising map that gives it the histogram of `target`'s. */
export function matchHistograms(
  source: InterleavedImage,
  target: InterleavedImage,
  sourceCounts: Counts = null,
  targetCounts: Counts = null,
): InterleavedImage {
  const data = new Float32Array(source.data.length);
  for (let c = 0; c < 3; c++) {
    const from = sharesBelow(source.data, c, withArea(sourceCounts));
    const to = sharesBelow(target.data, c, withArea(targetCounts));
    // A bin of the source goes from the value that the share below it is below, to the one that its own share reaches.
    const low = new Float64Array(BINS);
    const high = new Float64Array(BINS);
    for (let k = 0, below = 0, upto = 0; k < BINS; k++) {
      const [first, last] = [from[k] as number, from[k + 1] as number];
      while (below < BINS - 1 && (to[below + 1] as number) <= first) below++;
      while (upto < BINS - 1 && (to[upto + 1] as number) < last) upto++;
      low[k] = valueIn(to, first, below);
      high[k] = valueIn(to, last, upto);
    }
    for (let i = c; i < data.length; i += 3) {
      const place = unit(source.data[i] as number) * BINS;
      const k = Math.min(BINS - 1, Math.floor(place));
      data[i] = (low[k] as number) + (place - k) * ((high[k] as number) - (low[k] as number));
    }
  }
  return { ...source, data };
}

/** Fine enough for 8 bits; values within a bin count as evenly spread. */
const BINS = 1024;

function valueIn(shares: Float64Array, share: number, bin: number): number {
  const [below, upto] = [shares[bin] as number, shares[bin + 1] as number];
  return (bin + (upto > below ? unit((share - below) / (upto - below)) : 0.5)) / BINS;
}

/** Which share of channel `c` is below each bin's bound, 0 … 1: [BINS + 1]. */
function sharesBelow(data: Float32Array, c: number, counts: Counts): Float64Array {
  const shares = new Float64Array(BINS + 1);
  for (let i = c; i < data.length; i += 3) {
    const bin = Math.min(BINS - 1, Math.floor(Math.fround(unit(data[i] as number) * BINS)));
    const count = counts === null ? 1 : (counts[Math.floor(i / 3)] as number);
    shares[bin + 1] = (shares[bin + 1] as number) + count;
  }
  for (let k = 1; k <= BINS; k++) shares[k] = (shares[k] as number) + (shares[k - 1] as number);
  const all = shares[BINS] as number;
  return shares.map((share) => share / all);
}

interface ColorStatistics {
  /** [3] */
  mean: readonly number[];
  /** [3, 3] */
  covariance: Float64Array;
}

function colorStatistics({ data }: InterleavedImage, counts: Counts): ColorStatistics {
  const area = counts === null ? data.length / 3 : counts.reduce((sum, count) => sum + count, 0);
  const countAt = (i: number) => (counts === null ? 1 : (counts[i / 3] as number)) / area;
  const mean = [0, 0, 0];
  const covariance = new Float64Array(9);
  for (let i = 0; i < data.length; i += 3) {
    const share = countAt(i);
    for (let a = 0; a < 3; a++) mean[a] = (mean[a] as number) + share * (data[i + a] as number);
  }
  for (let i = 0; i < data.length; i += 3) {
    const share = countAt(i);
    for (let at = 0; at < 9; at++) {
      const [a, b] = [Math.floor(at / 3), at % 3];
      const product = ((data[i + a] as number) - (mean[a] as number)) * ((data[i + b] as number) - (mean[b] as number));
      covariance[at] = (covariance[at] as number) + share * product;
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
function spread(data: Float32Array, counts: Counts): { mean: number; deviation: number } {
  let [area, sum, squares] = [0, 0, 0];
  for (let i = 0; i < data.length; i += 3) {
    const count = counts === null ? 1 : (counts[i / 3] as number);
    area += count;
    sum += count * (data[i] as number);
    squares += count * (data[i] as number) ** 2;
  }
  const mean = sum / area;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / area - mean * mean)) };
}

/** Where nothing counts, all does: there would be no statistics. */
function withArea(counts: Counts): Counts {
  return counts?.some((count) => count > 0) ? counts : null;
}

function unit(x: number): number {
  return Math.min(1, Math.max(0, x));
}
