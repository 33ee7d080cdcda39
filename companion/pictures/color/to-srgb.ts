// Planar samples of a color space → sRGB, in place. Tables stand in for the curves: a picture has millions of samples
// and at most 65,536 different ones.

import type { Picture } from "../../protocol/engine.ts";
import { type ColorSpace, encodeSrgb, matrixToSrgb } from "./color-space.ts";

const STEPS = 65_535;

let encoded: Float32Array | undefined;

/** `picture`: 3 or 4 channels, 0 … 1, encoded as `space` says; alpha stays. */
export function convertToSrgb({ width, height, data }: Picture, space: ColorSpace): void {
  const plane = width * height;
  const [red, green, blue] = space.curves.map((curve) => table(curve)) as [Float32Array, Float32Array, Float32Array];
  encoded ??= table(encodeSrgb);
  const out = encoded;
  const [a, b, c, d, e, f, g, h, i] = matrixToSrgb(space);
  for (let at = 0; at < plane; at++) {
    const x = lookUp(red, data[at] as number);
    const y = lookUp(green, data[plane + at] as number);
    const z = lookUp(blue, data[2 * plane + at] as number);
    data[at] = lookUp(out, a * x + b * y + c * z);
    data[plane + at] = lookUp(out, d * x + e * y + f * z);
    data[2 * plane + at] = lookUp(out, g * x + h * y + i * z);
  }
}

function table(curve: (x: number) => number): Float32Array {
  return Float32Array.from({ length: STEPS + 1 }, (_, i) => curve(i / STEPS));
}

/** Linear between the steps; what lies outside 0 … 1 is cut off. */
function lookUp(values: Float32Array, x: number): number {
  const at = (x > 0 ? (x < 1 ? x : 1) : 0) * STEPS;
  const low = Math.floor(at);
  const left = values[low] as number;
  return low === STEPS ? left : left + (at - low) * ((values[low + 1] as number) - left);
}
