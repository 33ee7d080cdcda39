// Coarse to fine, as native/optimize/schedule: the sizes of a run and when each has had its time
// (after crowsonkb's style-transfer-pytorch).

import { MIN_SIDE_PX } from "../../../../companion/protocol/limits.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { longSide, resolveSettings, type Size, withLongSide } from "../../../../companion/protocol/sizing.ts";

export interface Scale extends Size {
  /** Long side, px. */
  scale: number;
  iterations: number;
}

/** round(end / √2^i) as long as that is at least minScale and no side falls below MIN_SIDE_PX; coarse first. */
export function makeSchedule(end: Size, settings: Settings): Scale[] {
  const { firstIterations, iterations } = resolveSettings(settings, end);
  const scales: Scale[] = [];
  for (let i = 0; ; i++) {
    const scale = Math.round(longSide(end) / Math.SQRT2 ** i);
    const size = withLongSide(end, scale);
    if (i > 0 && (scale < settings.minScale || Math.min(size.width, size.height) < MIN_SIDE_PX)) break;
    scales.unshift({ ...size, scale, iterations });
  }
  (scales[0] as Scale).iterations = firstIterations;
  return scales;
}

/**
 * Decides when a scale has had its time. Without a budget that is its iteration count; with one, each scale gets the
 * share of the time left that its pixels and iterations would take of what is still to do.
 */
export class Pace {
  private readonly scales: readonly Scale[];
  private readonly budget: number | null;
  private index = 0;
  private begin = 0;
  /** End of the first iteration, which also prepares the GPU and says little of the next ones. */
  private first = 0;
  private deadline = Number.POSITIVE_INFINITY;
  private perIteration = 0;
  private perPixel = 0;

  constructor(scales: readonly Scale[], budget: number | null) {
    this.scales = scales;
    this.budget = budget;
  }

  /** seconds: since the run's start, pauses left out. */
  beginScale(index: number, seconds: number): void {
    this.index = index;
    this.begin = seconds;
    this.first = seconds;
    this.perIteration = 0;
    if (this.budget === null) return;
    const left = this.scales.slice(index).reduce((sum, scale) => sum + cost(scale), 0);
    this.deadline = seconds + ((this.budget - seconds) * cost(this.at(index))) / left;
  }

  /** After `iteration` updates at this scale: is there one more? */
  goOn(iteration: number, seconds: number): boolean {
    const scale = this.at(this.index);
    if (iteration === 1) this.first = seconds;
    if (iteration > 0) {
      this.perIteration = iteration > 1 ? (seconds - this.first) / (iteration - 1) : seconds - this.begin;
      this.perPixel = this.perIteration / (scale.width * scale.height);
    }
    if (this.budget === null) return iteration < scale.iterations;
    return iteration === 0 || seconds + this.perIteration / 2 < this.deadline;
  }

  /** Estimate, exact without a budget. */
  iterations(index: number): number {
    const scale = this.at(index);
    if (this.budget === null || index !== this.index || this.perIteration <= 0) return scale.iterations;
    return 1 + Math.max(0, Math.floor((this.deadline - this.first) / this.perIteration));
  }

  secondsLeft(iteration: number, seconds: number): number {
    if (this.budget !== null) return Math.max(0, this.budget - seconds);
    const { width, height, iterations } = this.at(this.index);
    const here = width * height * Math.max(0, iterations - iteration);
    const later = this.scales.slice(this.index + 1).reduce((sum, scale) => sum + cost(scale), 0);
    return (here + later) * this.perPixel;
  }

  private at(index: number): Scale {
    return this.scales[index] as Scale;
  }
}

function cost({ width, height, iterations }: Scale): number {
  return width * height * iterations;
}
