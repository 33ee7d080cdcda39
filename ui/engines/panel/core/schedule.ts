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
 * What an iteration costs beside its pixels, as if it had so many more: matrices of the style's statistics, the canvas's
 * margin, the calls themselves. A guess until two scales have been seen.
 */
export const FIXED_PIXELS = 8192;
const MOST_FIXED_PIXELS = 16 * FIXED_PIXELS;
/**
 * An iteration takes what the latest ones took, by their median: now and then one tries several steps, or the machine
 * does something else.
 */
const LATEST = 15;
/** The first iteration at a scale evaluates the start as well, and meets memory and shaders for the first time. */
const FIRST_ITERATION = 2;
/** So many iterations at a scale tell of its pace. */
const ENOUGH = 5;

/**
 * Decides when a scale has had its time. Without a budget that is its iteration count; with one, each scale gets the
 * share of the time left that its pixels and iterations would take of what is still to do.
 */
export class Pace {
  private readonly scales: readonly Scale[];
  private readonly budget: number | null;
  private index = 0;
  private iteration = 0;
  private opened = 0;
  /** When the first iteration began. */
  private begin = 0;
  /** End of the first iteration, which also prepares the GPU and says little of the next ones. */
  private first = 0;
  private deadline = Number.POSITIVE_INFINITY;
  private perIteration = 0;
  /** When the latest iteration ended, or the GPU was made ready again. */
  private last = 0;
  /** Seconds; the first iteration at a scale is left out once there is another. */
  private latest: number[] = [];
  /** Their median. */
  private usual = 0;
  private before: Seen | null = null;
  /** Seconds of this scale's; the run's first loads more than pictures. */
  private setUp = 0;
  private fixedPixels = FIXED_PIXELS;

  constructor(scales: readonly Scale[], budget: number | null) {
    this.scales = scales;
    this.budget = budget;
  }

  /** seconds: since the run's start, pauses left out. */
  beginScale(index: number, seconds: number): void {
    if (this.usual > 0) this.before = { pixels: pixelsOf(this.at(this.index)), seconds: this.usual };
    this.index = index;
    this.iteration = 0;
    this.opened = seconds;
    this.begin = seconds;
    this.first = seconds;
    this.perIteration = 0;
    this.usual = 0;
    this.latest = [];
    if (this.budget === null) return;
    const left = this.scales.slice(index).reduce((sum, scale) => sum + cost(scale), 0);
    this.deadline = seconds + ((this.budget - seconds) * cost(this.at(index))) / left;
  }

  /** After `iteration` updates at this scale: is there one more? */
  goOn(iteration: number, seconds: number): boolean {
    const scale = this.at(this.index);
    if (iteration === 0) {
      this.begin = seconds;
      if (this.before !== null) this.setUp = seconds - this.opened;
    }
    if (iteration === 1) this.first = seconds;
    if (iteration === 2) this.latest = [];
    // Asked again after the same iteration: the GPU was lost in between.
    if (iteration > this.iteration) {
      this.perIteration = iteration > 1 ? (seconds - this.first) / (iteration - 1) : seconds - this.begin;
      this.note(seconds - this.last);
    }
    this.iteration = iteration;
    this.last = seconds;
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
    const weight = (scale: Scale) => pixelsOf(scale) + this.fixedPixels;
    const here = this.at(this.index);
    const pixels = pixelsOf(here);
    let left = weight(here) * Math.max(0, here.iterations - iteration);
    let setUps = 0;
    for (const scale of this.scales.slice(this.index + 1)) {
      left += weight(scale) * scale.iterations;
      setUps += (this.setUp * pixelsOf(scale)) / pixels;
    }
    const asFirst = this.before ?? { pixels, seconds: this.usual / FIRST_ITERATION };
    const seen = iteration > 1 ? { pixels, seconds: this.usual } : asFirst;
    return (left * seen.seconds) / (seen.pixels + this.fixedPixels) + setUps;
  }

  private note(seconds: number): void {
    this.latest = [...this.latest.slice(1 - LATEST), seconds];
    const sorted = [...this.latest].sort((a, b) => a - b);
    this.usual = sorted[Math.floor((sorted.length - 1) / 2)] as number;
    if (this.before === null || this.latest.length < ENOUGH) return;
    const pixels = pixelsOf(this.at(this.index));
    const perPixel = (this.usual - this.before.seconds) / (pixels - this.before.pixels);
    const fixed = perPixel > 0 ? this.usual / perPixel - pixels : MOST_FIXED_PIXELS;
    this.fixedPixels = Math.min(MOST_FIXED_PIXELS, Math.max(0, fixed));
  }

  private at(index: number): Scale {
    return this.scales[index] as Scale;
  }
}

/** A scale and what an iteration took there. */
interface Seen {
  pixels: number;
  seconds: number;
}

function pixelsOf({ width, height }: Size): number {
  return width * height;
}

function cost(scale: Scale): number {
  return pixelsOf(scale) * scale.iterations;
}
