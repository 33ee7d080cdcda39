// The finish that makes a painting photographic, as native/image/guided_filter: its colors stay, its edges and textures
// become another picture's. The guided filter of He, Sun & Tang 2013 (eq. 19 to 21, guide in color), with the
// coefficients at a small size and applied at the picture's own (He & Sun 2015).

import { longSide, type Size, withLongSide } from "../../../../companion/protocol/sizing.ts";
import { type InterleavedImage, resize } from "./image.ts";

/** Long side at which coefficients are computed: a window is the same part of the picture at every size. */
const COEFFICIENT_SIDE_PX = 256;
/** Half a window's side, of the long side; empirical. */
const RADIUS = 1 / 32;
/** Contrast of the guide, squared, that counts as an edge; empirical. */
const EPSILON = 1e-4;

type Plane = Float64Array;

/**
 * Within each window of the guide the best affine function of its colors to the picture's; windows overlap and are
 * averaged. Both of one size. `share`: of the way from the picture there, 0 … 1.
 */
export function guidedFilter(picture: InterleavedImage, guide: InterleavedImage, share: number): InterleavedImage {
  const size = withLongSide(guide, Math.min(COEFFICIENT_SIDE_PX, longSide(guide)));
  const radius = Math.max(1, Math.round(RADIUS * longSide(size)));
  const mean = (values: Plane) => meanOfWindows(values, size, radius);
  const smallGuide = planesOf(resize(guide.data, 3, guide, size));
  const small = planesOf(resize(picture.data, 3, picture, size));
  const windows = lookAt(smallGuide, mean);
  const data = new Float32Array(picture.data.length);
  for (let c = 0; c < 3; c++) {
    const factors = resize(fitChannel(small[c] as Plane, smallGuide, windows, mean), 4, size, guide, "bilinear");
    for (let i = c, at = 0; i < data.length; i += 3, at += 4) {
      let value = factors[at + 3] as number;
      for (let k = 0; k < 3; k++) value += (factors[at + k] as number) * (guide.data[i - c + k] as number);
      const painted = picture.data[i] as number;
      data[i] = Math.min(1, Math.max(0, painted + share * (value - painted)));
    }
  }
  return { ...picture, data };
}

/** What each window knows of the guide: means, and the inverse of covariance + ε by its upper half. */
interface GuideWindows {
  means: readonly Plane[];
  inverse: readonly Plane[];
}

/** Position of (a, b) in the upper half of a symmetric 3 × 3 matrix. */
function upper(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  return (low * (5 - low)) / 2 + high;
}

const UPPER_HALF = [0, 1, 2].flatMap((a) => [0, 1, 2].slice(a).map((b) => [a, b] as const));

function lookAt(guide: readonly Plane[], mean: (values: Plane) => Plane): GuideWindows {
  const means = guide.map(mean);
  const inverse = UPPER_HALF.map(([a, b]) => {
    const covariance = covarianceOf(guide, means, a, guide[b] as Plane, means[b] as Plane, mean);
    return a === b ? covariance.map((value) => Math.max(0, value) + EPSILON) : covariance;
  });
  invert(inverse);
  return { means, inverse };
}

/** Of the guide's channel `a` with another plane. */
function covarianceOf(
  guide: readonly Plane[],
  means: readonly Plane[],
  a: number,
  other: Plane,
  meanOfOther: Plane,
  mean: (values: Plane) => Plane,
): Plane {
  const [channel, meanOfChannel] = [guide[a] as Plane, means[a] as Plane];
  const products = mean(channel.map((value, i) => value * (other[i] as number)));
  return products.map((value, i) => value - (meanOfChannel[i] as number) * (meanOfOther[i] as number));
}

/** In place, by cofactors. */
function invert(planes: readonly Plane[]): void {
  for (let i = 0; i < (planes[0] as Plane).length; i++) {
    const at = (a: number, b: number) => (planes[upper(a, b)] as Plane)[i] as number;
    const cofactor = (a: number, b: number) => {
      const [a1, a2, b1, b2] = [(a + 1) % 3, (a + 2) % 3, (b + 1) % 3, (b + 2) % 3];
      return at(a1, b1) * at(a2, b2) - at(a1, b2) * at(a2, b1);
    };
    const cofactors = UPPER_HALF.map(([a, b]) => cofactor(a, b));
    const determinant = [0, 1, 2].reduce((sum, k) => sum + at(0, k) * (cofactors[k] as number), 0);
    planes.forEach((plane, k) => {
      plane[i] = (cofactors[k] as number) / determinant;
    });
  }
}

/** Coefficients of one channel, interleaved: factors of the guide's three, and the constant; averaged over windows. */
function fitChannel(channel: Plane, guide: readonly Plane[], windows: GuideWindows, mean: (values: Plane) => Plane) {
  const { means, inverse } = windows;
  const constant = mean(channel);
  const covariances = guide.map((_, k) => covarianceOf(guide, means, k, channel, constant, mean));
  const result = new Float32Array(4 * channel.length);
  for (let a = 0; a < 3; a++) {
    const factors = new Float64Array(channel.length);
    for (let b = 0; b < 3; b++) {
      const [row, covariance] = [inverse[upper(a, b)] as Plane, covariances[b] as Plane];
      for (let i = 0; i < factors.length; i++) {
        factors[i] = (factors[i] as number) + (row[i] as number) * (covariance[i] as number);
      }
    }
    const meanOfGuide = means[a] as Plane;
    for (let i = 0; i < factors.length; i++) {
      constant[i] = (constant[i] as number) - (factors[i] as number) * (meanOfGuide[i] as number);
    }
    mean(factors).forEach((value, i) => {
      result[4 * i + a] = value;
    });
  }
  mean(constant).forEach((value, i) => {
    result[4 * i + 3] = value;
  });
  return result;
}

function planesOf(data: Float32Array): Plane[] {
  return [0, 1, 2].map((c) => Float64Array.from({ length: data.length / 3 }, (_, i) => data[3 * i + c] as number));
}

/** Means over the windows of ±radius around each pixel; they end at the border. */
function meanOfWindows(values: Plane, { width, height }: Size, radius: number): Plane {
  const rows = new Float64Array(values.length);
  const result = new Float64Array(values.length);
  for (let y = 0; y < height; y++) sumWindows(values, rows, y * width, width, 1, radius);
  for (let x = 0; x < width; x++) sumWindows(rows, result, x, height, width, radius);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      result[at] = (result[at] as number) / (covered(y, height, radius) * covered(x, width, radius));
    }
  }
  return result;
}

/** Of `n` values from `begin` on, `stride` apart. */
function sumWindows(from: Plane, to: Plane, begin: number, n: number, stride: number, radius: number): void {
  let sum = 0;
  for (let i = 0; i < Math.min(radius, n); i++) sum += from[begin + i * stride] as number;
  for (let i = 0; i < n; i++) {
    if (i + radius < n) sum += from[begin + (i + radius) * stride] as number;
    if (i - radius - 1 >= 0) sum -= from[begin + (i - radius - 1) * stride] as number;
    to[begin + i * stride] = sum;
  }
}

function covered(i: number, n: number, radius: number): number {
  return Math.min(n - 1, i + radius) - Math.max(0, i - radius) + 1;
}
