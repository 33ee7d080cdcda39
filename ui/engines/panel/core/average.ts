// Average over iterates, as native/optimize/average: exponential with bias correction (as Adam's moments), so that the
// first iterates do not weigh more than they should.

export class Average {
  private readonly decay: number;
  private sum: Float32Array | null = null;
  private count = 0;

  /** decay: 0 … 1; 0 keeps the last iterate. */
  constructor(decay: number) {
    this.decay = decay;
  }

  add(x: Float32Array): void {
    this.sum ??= new Float32Array(x.length);
    for (let i = 0; i < x.length; i++) {
      this.sum[i] = this.decay * (this.sum[i] as number) + (1 - this.decay) * (x[i] as number);
    }
    this.count += 1;
  }

  clear(): void {
    this.sum = null;
    this.count = 0;
  }

  /** Null before the first iterate. */
  value(): Float32Array | null {
    const correction = 1 / (1 - this.decay ** this.count);
    return this.sum?.map((x) => x * correction) ?? null;
  }
}
