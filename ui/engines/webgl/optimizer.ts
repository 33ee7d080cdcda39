// L-BFGS (Nocedal & Wright 2006, algorithm 7.4) and Adam (Kingma & Ba 2015) on flat vectors inside the box [0, 1].
// Neither evaluates anything: both are asked for the next point and told what was found there.

/** Chooses points; `pixels` is the current one and changes in place. */
export interface Optimizer {
  /** One update from the loss and gradient at `pixels`. */
  step(loss: number, gradient: Float32Array): void;
  /** Forgets curvature or moments; for changed weights. */
  reset(): void;
}

/** Largest mean step in pixel values of the first and of any later L-BFGS update; empirical. */
const FIRST_STEP = 0.02;
const LARGEST_STEP = 0.2;

/**
 * L-BFGS with projection onto the box. A point that turns out worse than the best by more than a little is taken back
 * with half the step, so a bad step costs one evaluation and never the picture.
 */
export class Lbfgs implements Optimizer {
  private readonly pixels: Float32Array;
  private readonly history: number;
  private readonly pairs: { s: Float32Array; y: Float32Array; rho: number }[] = [];
  private previous: { point: Float32Array; gradient: Float32Array; loss: number; direction: Float32Array } | null =
    null;
  private scale = 1;

  constructor(pixels: Float32Array, history: number) {
    this.pixels = pixels;
    this.history = history;
  }

  reset(): void {
    this.pairs.length = 0;
    this.previous = null;
    this.scale = 1;
  }

  step(loss: number, gradient: Float32Array): void {
    if (this.previous !== null) {
      if (!(loss <= this.previous.loss)) {
        this.backtrack();
        return;
      }
      this.remember(gradient);
    }
    this.scale = 1;
    const direction = this.direction(gradient);
    this.previous = { point: this.pixels.slice(), gradient: gradient.slice(), loss, direction };
    this.move(direction, 1);
  }

  /** Back to the last good point and half as far; after five tries the memory is given up as misleading. */
  private backtrack(): void {
    const previous = this.previous as NonNullable<typeof this.previous>;
    this.scale *= 0.5;
    this.pixels.set(previous.point);
    if (this.scale < 1 / 32) {
      this.pairs.length = 0;
      const direction = this.direction(previous.gradient);
      previous.direction = direction;
      this.scale = 0.25;
    }
    this.move(previous.direction, this.scale);
  }

  private remember(gradient: Float32Array): void {
    const previous = this.previous as NonNullable<typeof this.previous>;
    const s = new Float32Array(gradient.length);
    const y = new Float32Array(gradient.length);
    for (let i = 0; i < s.length; i++) {
      s[i] = (this.pixels[i] as number) - (previous.point[i] as number);
      y[i] = (gradient[i] as number) - (previous.gradient[i] as number);
    }
    const sy = dot(s, y);
    // Only pairs of positive curvature keep the inverse Hessian positive.
    if (!(sy > 1e-10 * Math.sqrt(dot(s, s) * dot(y, y)))) return;
    this.pairs.push({ s, y, rho: 1 / sy });
    if (this.pairs.length > this.history) this.pairs.shift();
  }

  /** −H g by the two-loop recursion, on the coordinates that the box leaves free. */
  private direction(gradient: Float32Array): Float32Array {
    const q = gradient.slice();
    for (let i = 0; i < q.length; i++) {
      const x = this.pixels[i] as number;
      const g = gradient[i] as number;
      if ((x <= 0 && g > 0) || (x >= 1 && g < 0)) q[i] = 0;
    }
    const last = this.pairs.at(-1);
    if (last === undefined) {
      const mean = q.reduce((sum, x) => sum + Math.abs(x), 0) / q.length;
      return scaled(q, -FIRST_STEP / Math.max(mean, Number.MIN_VALUE));
    }
    const free = q.map((x) => (x === 0 ? 0 : 1));
    const alphas: number[] = [];
    for (const { s, y, rho } of [...this.pairs].reverse()) {
      const alpha = rho * dot(s, q);
      alphas.unshift(alpha);
      axpy(-alpha, y, q);
    }
    const gamma = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) * gamma;
    this.pairs.forEach(({ s, y, rho }, i) => {
      axpy((alphas[i] as number) - rho * dot(y, q), s, q);
    });
    for (let i = 0; i < q.length; i++) q[i] = -(q[i] as number) * (free[i] as number);
    if (!(dot(q, gradient) < 0)) {
      this.pairs.length = 0;
      return this.direction(gradient);
    }
    return q;
  }

  private move(direction: Float32Array, scale: number): void {
    const mean = direction.reduce((sum, x) => sum + Math.abs(x), 0) / direction.length;
    const bounded = mean * scale > LARGEST_STEP ? LARGEST_STEP / mean : scale;
    for (let i = 0; i < direction.length; i++) {
      this.pixels[i] = clamp((this.pixels[i] as number) + bounded * (direction[i] as number));
    }
  }
}

/** Adam with the second moment's decay of crowsonkb's recipe. */
export class Adam implements Optimizer {
  private readonly pixels: Float32Array;
  private readonly first: Float32Array;
  private readonly second: Float32Array;
  private updates = 0;
  stepSize: number;

  constructor(pixels: Float32Array, stepSize: number) {
    this.pixels = pixels;
    this.stepSize = stepSize;
    this.first = new Float32Array(pixels.length);
    this.second = new Float32Array(pixels.length);
  }

  reset(): void {
    this.first.fill(0);
    this.second.fill(0);
    this.updates = 0;
  }

  step(_loss: number, gradient: Float32Array): void {
    const beta1 = 0.9;
    const beta2 = 0.99;
    this.updates++;
    const correction1 = 1 - beta1 ** this.updates;
    const correction2 = 1 - beta2 ** this.updates;
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i] as number;
      const m = beta1 * (this.first[i] as number) + (1 - beta1) * g;
      const v = beta2 * (this.second[i] as number) + (1 - beta2) * g * g;
      this.first[i] = m;
      this.second[i] = v;
      const update = (this.stepSize * (m / correction1)) / (Math.sqrt(v / correction2) + 1e-8);
      this.pixels[i] = clamp((this.pixels[i] as number) - update);
    }
  }
}

function clamp(x: number): number {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function axpy(a: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = (y[i] as number) + a * (x[i] as number);
}

function scaled(x: Float32Array, a: number): Float32Array {
  return x.map((value) => value * a);
}
