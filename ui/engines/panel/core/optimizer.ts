// L-BFGS and Adam on a flat vector inside the box [0, 1], as native/optimize: projected L-BFGS (Liu & Nocedal 1989,
// Bertsekas 1982) with Armijo's rule, Adam (Kingma & Ba 2015). The function is asynchronous because the GPU is.

import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import type { Size } from "../../../../companion/protocol/sizing.ts";
import type { Filter } from "./image.ts";
import { smoothOverScales } from "./pyramid.ts";

/** Value and gradient at x; may be what is not finite, the optimizer then steps back. */
export type ObjectiveFunction = (x: Float32Array) => Promise<{ value: number; gradient: Float32Array }>;

export type ResizeCanvas = (canvas: Float32Array, filter: Filter) => Float32Array;

export interface Optimizer {
  /**
   * One update of `x` in place. Resolves with a value and where it was taken (before the update for Adam, after it for
   * L-BFGS); `moved` is false when no step made the value smaller.
   */
  step(evaluate: ObjectiveFunction, x: Float32Array): Promise<{ value: number; at: Float32Array; moved: boolean }>;
  /** The function changed: what was learned about it no longer holds. */
  forget(): void;
  setStepSize(stepSize: number): void;
  /** Carries the memory to another size of the same picture: canvases, with what resizes one ([H, W, 3] both). */
  resample(from: Size, to: Size, resize: ResizeCanvas): void;
}

/** Mean absolute change of a variable in a step that has no curvature to go by; empirical. */
const FIRST_STEP = 0.01;
/** No variable moves further in one step. */
const LARGEST_STEP = 0.5;
const ARMIJO = 1e-4;
/**
 * Near the end a step's gain drowns in the rounding of the value, a float's; the slope still tells (approximate Wolfe
 * condition, Hager & Zhang 2005). Never more than this part of the value is given away.
 */
const ROUNDING = 1e-5;
/** Empirical, as in native/optimize/lbfgs.cc. */
const SMOOTHING_LEVELS = 3;
const SMOOTHING_WEIGHT = 1.5;
const TRIALS = 8;

interface Pair {
  s: Float32Array;
  y: Float32Array;
}

export class Lbfgs implements Optimizer {
  private readonly history: number;
  /** Secant pairs with s·y > 0, oldest first. */
  private pairs: Pair[] = [];
  /** Where value and gradient were taken; null when they are not known. */
  private known: { x: Float32Array; value: number; gradient: Float32Array } | null = null;
  private size: Size;

  /** size: of the picture that the vector is, [H, W, 3]. */
  constructor(history: number, size: Size) {
    this.history = history;
    this.size = size;
  }

  forget(): void {
    this.pairs = [];
    this.known = null;
  }
  setStepSize(): void {}
  /**
   * Curvature is much the same at the next size: steps are resized as the picture is, changes of a mean's gradient by a
   * pixel shrink as the pixels grow in number (native/optimize/lbfgs).
   */
  resample(from: Size, to: Size, resize: ResizeCanvas): void {
    const shrink = (from.width * from.height) / (to.width * to.height);
    this.pairs = this.pairs
      .map(({ s, y }) => ({ s: resize(s, "bicubic"), y: resize(y, "bicubic").map((value) => value * shrink) }))
      .filter(bendsUp);
    this.size = to;
    this.known = null;
  }

  /** Where curvature is not known yet, broad forms go first. */
  private precondition(x: Float32Array): Float32Array {
    return smoothOverScales(x, this.size, SMOOTHING_LEVELS, SMOOTHING_WEIGHT);
  }

  async step(
    evaluate: ObjectiveFunction,
    x: Float32Array,
  ): Promise<{ value: number; at: Float32Array; moved: boolean }> {
    if (this.known === null || !this.known.x.every((value, i) => value === x[i])) {
      const { value, gradient } = await evaluate(x);
      requireFinite(value, gradient);
      this.known = { x: x.slice(), value, gradient };
    }
    let moved = false;
    if (this.pairs.length > 0) {
      const newton = this.direction(this.known);
      const largest = newton.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      moved = await this.search(evaluate, x, newton, Math.min(1, LARGEST_STEP / Math.max(largest, 1e-12)));
      if (!moved) this.pairs = [];
    }
    if (!moved) {
      const free = this.known.gradient.map((value) => -value);
      dropBlocked(this.known, free);
      const steepest = this.precondition(free);
      dropBlocked(this.known, steepest);
      const mean = steepest.reduce((sum, value) => sum + Math.abs(value), 0) / steepest.length;
      if (mean > 0) moved = await this.search(evaluate, x, steepest, FIRST_STEP / mean);
    }
    return { value: this.known.value, at: this.known.x, moved };
  }

  /** −H g by the two loops, over the variables that the box leaves free. */
  private direction(known: { x: Float32Array; gradient: Float32Array }): Float32Array {
    const free = known.gradient.map((value) => -value);
    dropBlocked(known, free);
    const curvature = this.pairs.map(({ s, y }) => dot(s, y));
    const alpha: number[] = [];
    for (let k = this.pairs.length - 1; k >= 0; k--) {
      const { s, y } = this.pairs[k] as Pair;
      alpha[k] = dot(s, free) / (curvature[k] as number);
      addScaled(free, -(alpha[k] as number), y);
    }
    const newest = this.pairs.at(-1) as Pair;
    const scale = (curvature.at(-1) as number) / dot(newest.y, this.precondition(newest.y));
    const d = this.precondition(free).map((value) => value * scale);
    this.pairs.forEach(({ s, y }, k) => {
      addScaled(d, (alpha[k] as number) - dot(y, d) / (curvature[k] as number), s);
    });
    dropBlocked(known, d);
    return d;
  }

  /** Follows the direction along its projection until Armijo's rule holds. */
  private async search(
    evaluate: ObjectiveFunction,
    x: Float32Array,
    direction: Float32Array,
    firstStep: number,
  ): Promise<boolean> {
    const known = this.known as NonNullable<typeof this.known>;
    if (!(dot(direction, known.gradient) < 0)) return false;
    let step = firstStep;
    for (let trial = 0; trial < TRIALS; trial++) {
      const candidate = new Float32Array(x.length);
      let slope = 0;
      for (let i = 0; i < x.length; i++) {
        const from = known.x[i] as number;
        candidate[i] = Math.min(1, Math.max(0, from + step * (direction[i] as number)));
        slope += (known.gradient[i] as number) * ((candidate[i] as number) - from);
      }
      if (!(slope < 0)) return false;
      const { value, gradient } = await evaluate(candidate);
      const finite = Number.isFinite(value) && Number.isFinite(dot(gradient, gradient));
      const slopeThere = gradient.reduce(
        (sum, g, i) => sum + g * ((candidate[i] as number) - (known.x[i] as number)),
        0,
      );
      const smaller = value <= known.value + ARMIJO * slope;
      const asSmall = value <= known.value + ROUNDING * Math.abs(known.value) && slopeThere <= (2 * ARMIJO - 1) * slope;
      if (finite && (smaller || asSmall)) {
        this.remember(known, candidate, gradient);
        this.known = { x: candidate, value, gradient };
        x.set(candidate);
        return true;
      }
      // The parabola through value, slope and trial, kept within a tenth and a half of the step.
      const bend = value - known.value - slope;
      const shrink = finite && bend > 0 ? -slope / (2 * bend) : 0.5;
      step *= Math.min(0.5, Math.max(0.1, shrink));
    }
    return false;
  }

  private remember(known: { x: Float32Array; gradient: Float32Array }, x: Float32Array, gradient: Float32Array): void {
    const s = x.map((value, i) => value - (known.x[i] as number));
    const y = gradient.map((value, i) => value - (known.gradient[i] as number));
    if (!bendsUp({ s, y })) return;
    this.pairs.push({ s, y });
    if (this.pairs.length > this.history) this.pairs.shift();
  }
}

const BETA1 = 0.9;
const BETA2 = 0.99;
const EPSILON = 1e-8;

export class Adam implements Optimizer {
  private stepSize: number;
  private steps = 0;
  private first: Float32Array = new Float32Array(0);
  private second: Float32Array = new Float32Array(0);

  constructor(stepSize: number) {
    this.stepSize = stepSize;
  }

  /** The moments follow a new function within a few steps. */
  forget(): void {}
  setStepSize(stepSize: number): void {
    this.stepSize = stepSize;
  }
  resample(_from: Size, _to: Size, resize: ResizeCanvas): void {
    if (this.first.length === 0) return;
    this.first = resize(this.first, "bicubic");
    this.second = resize(this.second, "bilinear").map((value) => Math.max(value, 0));
  }

  async step(
    evaluate: ObjectiveFunction,
    x: Float32Array,
  ): Promise<{ value: number; at: Float32Array; moved: boolean }> {
    if (this.first.length !== x.length) {
      this.first = new Float32Array(x.length);
      this.second = new Float32Array(x.length);
    }
    const at = x.slice();
    const { value, gradient } = await evaluate(x);
    requireFinite(value, gradient);
    this.steps++;
    const scale = this.stepSize / (1 - BETA1 ** this.steps);
    const correction = 1 / (1 - BETA2 ** this.steps);
    for (let i = 0; i < x.length; i++) {
      const g = gradient[i] as number;
      const first = BETA1 * (this.first[i] as number) + (1 - BETA1) * g;
      const second = BETA2 * (this.second[i] as number) + (1 - BETA2) * g * g;
      this.first[i] = first;
      this.second[i] = second;
      const change = (scale * first) / (Math.sqrt(second * correction) + EPSILON);
      x[i] = Math.min(1, Math.max(0, (x[i] as number) - change));
    }
    return { value, at, moved: true };
  }
}

/** Cautious update (Li & Fukushima 2001): where the function bends down a pair would spoil the memory. */
function bendsUp({ s, y }: Pair): boolean {
  return dot(s, y) > 1e-8 * Math.sqrt(dot(s, s) * dot(y, y));
}

/** Variables at a bound that the negative gradient would push out of the box do not take part. */
function dropBlocked({ x, gradient }: { x: Float32Array; gradient: Float32Array }, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    const at = x[i] as number;
    const slope = gradient[i] as number;
    if ((at <= 0 && slope > 0) || (at >= 1 && slope < 0)) values[i] = 0;
  }
}

function requireFinite(value: number, gradient: Float32Array): void {
  if (Number.isFinite(value) && Number.isFinite(dot(gradient, gradient))) return;
  throw new ImpastoError("internal", "The loss is not a number.", { hint: "Take smaller weights." });
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function addScaled(y: Float32Array, factor: number, x: Float32Array): void {
  for (let i = 0; i < y.length; i++) y[i] = (y[i] as number) + factor * (x[i] as number);
}
