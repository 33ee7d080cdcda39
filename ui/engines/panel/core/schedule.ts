// Coarse to fine, as native/optimize/schedule: the sizes of a run and when each has had its time
// (after crowsonkb's style-transfer-pytorch).

import { QUALITIES, type Settings } from "../../../../companion/protocol/settings.ts";

export interface Size {
  width: number;
  height: number;
}
export interface Scale extends Size {
  /** Long side, px. */
  scale: number;
  iterations: number;
}

/** Below this the fifth block of the network has less than two pixels. */
export const SMALLEST_SIDE = 32;

/** The same aspect with the given longer side. */
export function withLongSide({ width, height }: Size, longSide: number): Size {
  const factor = longSide / Math.max(width, height);
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** Size of the result; the quality's never exceeds the content's own, a size given by hand may. */
export function resultSize(content: Size, settings: Settings): Size {
  const own = Math.max(content.width, content.height);
  return withLongSide(content, settings.size ?? Math.min(QUALITIES[settings.quality].size, own));
}

/** A style beside a result: scaled by styleScale relative to it, never enlarged, never below SMALLEST_SIDE. */
export function styleSize(style: Size, result: Size, styleScale: number): Size {
  const long = Math.max(style.width, style.height);
  const short = Math.min(style.width, style.height);
  const smallest = Math.ceil((SMALLEST_SIDE * long) / short);
  const wanted = Math.max(smallest, Math.round(Math.max(result.width, result.height) * styleScale));
  return withLongSide(style, Math.min(wanted, long));
}

/** round(end / √2^i) as long as that is at least minScale and no side falls below SMALLEST_SIDE; coarse first. */
export function makeSchedule(end: Size, settings: Settings): Scale[] {
  const preset = QUALITIES[settings.quality];
  const next = settings.iterations ?? preset.iterations;
  const scales: Scale[] = [];
  for (let i = 0; ; i++) {
    const scale = Math.round(Math.max(end.width, end.height) / Math.SQRT2 ** i);
    const size = withLongSide(end, scale);
    if (i > 0 && (scale < settings.minScale || Math.min(size.width, size.height) < SMALLEST_SIDE)) break;
    scales.unshift({ ...size, scale, iterations: next });
  }
  (scales[0] as Scale).iterations = settings.firstIterations ?? preset.firstIterations;
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
