// A picture in windows that overlap and are blended: where each begins, and how much each counts at each place. The
// picture goes on behind its border as in a mirror, so that no network sees an edge of nothing.

import type { Planes } from "./pixels.ts";

/** Behind the picture's border on each side, px: as far as the zeros reach that most networks pad with. */
export const MARGIN_PX = 16;
const OVERLAP_PX = 64;

export interface WindowPlan {
  width: number;
  height: number;
  /** Left and upper edges, px from the picture's own; negative in the margin. */
  lefts: readonly number[];
  tops: readonly number[];
  overlap: { x: number; y: number };
}

/** One window holds all where it is as large as the picture with its margins. */
export function planWindows(
  picture: { width: number; height: number },
  window: { width: number; height: number },
): WindowPlan {
  const x = axis(picture.width, window.width);
  const y = axis(picture.height, window.height);
  return { ...window, lefts: x.starts, tops: y.starts, overlap: { x: x.overlap, y: y.overlap } };
}

function axis(length: number, window: number): { starts: number[]; overlap: number } {
  const overlap = Math.min(OVERLAP_PX, Math.floor(window / 4));
  const spare = window - length;
  if (spare >= 0) return { starts: [-Math.floor(spare / 2)], overlap };
  const margin = Math.min(MARGIN_PX, Math.floor(overlap / 4));
  const span = length + 2 * margin;
  const count = Math.max(2, Math.ceil((span - overlap) / (window - overlap)));
  const starts = Array.from({ length: count }, (_, i) => Math.round((i * (span - window)) / (count - 1)) - margin);
  return { starts, overlap };
}

/** The window's pixels; mirrored where it reaches beyond the picture. */
export function cutWindow({ width, height, data }: Planes, plan: WindowPlan, left: number, top: number): Planes {
  const columns = Array.from({ length: plan.width }, (_, x) => mirrored(left + x, width));
  const out = new Float32Array(3 * plan.width * plan.height);
  let at = 0;
  for (let channel = 0; channel < 3; channel++) {
    for (let y = 0; y < plan.height; y++) {
      const row = channel * width * height + mirrored(top + y, height) * width;
      for (const column of columns) out[at++] = data[row + column] as number;
    }
  }
  return { width: plan.width, height: plan.height, data: out };
}

/** … 2 1 | 0 1 2 … n−1 | n−2 n−3 … */
function mirrored(at: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = ((at % period) + period) % period;
  return folded < length ? folded : period - folded;
}

/** Windows added up by their shares; what no window covered yet is told apart. */
export class Blend {
  readonly #width: number;
  readonly #height: number;
  readonly #sum: Float32Array;
  readonly #shares: Float32Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#sum = new Float32Array(3 * width * height);
    this.#shares = new Float32Array(width * height);
  }

  add(window: Planes, plan: WindowPlan, left: number, top: number): void {
    const xs = shares(plan.width, left, this.#width, plan.overlap.x);
    const ys = shares(plan.height, top, this.#height, plan.overlap.y);
    const plane = this.#width * this.#height;
    const from = Math.max(0, -left);
    const to = Math.min(plan.width, this.#width - left);
    for (let y = Math.max(0, -top); y < Math.min(plan.height, this.#height - top); y++) {
      for (let x = from; x < to; x++) {
        const share = (xs[x] as number) * (ys[y] as number);
        const at = (top + y) * this.#width + left + x;
        this.#shares[at] = (this.#shares[at] as number) + share;
        for (let channel = 0; channel < 3; channel++) {
          const value = window.data[(channel * plan.height + y) * plan.width + x] as number;
          const place = channel * plane + at;
          this.#sum[place] = (this.#sum[place] as number) + share * value;
        }
      }
    }
  }

  /** `else`: what stands where no window came. */
  finish(otherwise: Planes): Planes {
    const plane = this.#width * this.#height;
    const data = this.#sum;
    for (let i = 0; i < plane; i++) {
      const share = this.#shares[i] as number;
      for (let place = i; place < 3 * plane; place += plane) {
        data[place] = share > 0 ? (data[place] as number) / share : (otherwise.data[place] as number);
      }
    }
    return { width: this.#width, height: this.#height, data };
  }
}

/** Less at an edge that another window continues: nearly nothing in its outer quarter, then rising to 1. */
function shares(window: number, start: number, length: number, overlap: number): Float32Array {
  const rim = overlap / 4;
  const rise = (distance: number) => Math.min(1, Math.max(LEAST, (distance - rim) / (overlap / 2)));
  return Float32Array.from({ length: window }, (_, at) => {
    const before = start <= 0 ? 1 : rise(at + 0.5);
    const after = start + window >= length ? 1 : rise(window - at - 0.5);
    return before * after;
  });
}

/** Where nothing else covers a place. */
const LEAST = 1e-4;
