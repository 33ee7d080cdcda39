// A smoothing map over a picture's scales, as native/optimize/pyramid: what natural pictures look like before anything
// is known of one. Their spectrum falls with the square of the frequency (Field 1987); a descent that starts every step
// from there changes broad forms first and leaves pixel-sized noise, which losses hardly see, alone.

import type { Size } from "../../../../companion/protocol/sizing.ts";

/** The binomial filter of a 2:1 step, between two samples. */
const TAPS = [0.125, 0.375, 0.375, 0.125] as const;
const SMALLEST_SIDE = 4;

/** Σ over levels k of weightᵏ · Uᵏ Dᵏ x for interleaved [H, W, 3]; D halves, U is its transpose. Keeps the size. */
export function smoothOverScales(x: Float32Array, size: Size, levels: number, weight: number): Float32Array {
  if (levels === 0 || Math.min(size.width, size.height) < SMALLEST_SIDE) return x.slice();
  const half = { width: (size.width + 1) >> 1, height: (size.height + 1) >> 1 };
  const narrow = halveAxis(x, size.height, size.width, 3);
  const halved = halveAxis(narrow, 1, size.height, half.width * 3);
  const coarser = smoothOverScales(halved, half, levels - 1, weight);
  const tall = spreadAxis(coarser, 1, size.height, half.width * 3);
  const back = spreadAxis(tall, size.height, size.width, 3);
  return x.map((value, i) => value + weight * (back[i] as number));
}

/** Mirrored at the border, the outermost sample twice. */
function mirrored(i: number, n: number): number {
  const inside = i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i;
  return Math.min(n - 1, Math.max(0, inside));
}

/** [outer, n, inner] → [outer, ⌈n / 2⌉, inner] */
function halveAxis(x: Float32Array, outer: number, n: number, inner: number): Float32Array {
  const half = (n + 1) >> 1;
  const result = new Float32Array(outer * half * inner);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < half; j++) {
      const to = (o * half + j) * inner;
      for (let k = 0; k < 4; k++) {
        const from = (o * n + mirrored(2 * j - 1 + k, n)) * inner;
        const tap = TAPS[k] as number;
        for (let i = 0; i < inner; i++) result[to + i] = (result[to + i] as number) + tap * (x[from + i] as number);
      }
    }
  }
  return result;
}

/** The transpose of halveAxis() into n samples, times 2 so that a constant stays one. */
function spreadAxis(x: Float32Array, outer: number, n: number, inner: number): Float32Array {
  const half = (n + 1) >> 1;
  const result = new Float32Array(outer * n * inner);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < half; j++) {
      const from = (o * half + j) * inner;
      for (let k = 0; k < 4; k++) {
        const to = (o * n + mirrored(2 * j - 1 + k, n)) * inner;
        const tap = 2 * (TAPS[k] as number);
        for (let i = 0; i < inner; i++) result[to + i] = (result[to + i] as number) + tap * (x[from + i] as number);
      }
    }
  }
  return result;
}
