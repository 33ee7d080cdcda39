// The Gaussian that the Wasserstein-2 loss compares with, from a style's raw moments: as native/objective's, on the CPU
// in double precision, since where a style is flat little but the rounding of floats is left of its covariance.

import { symmetricEigen } from "./symmetric.ts";

/** Raw moments of one layer of a style picture, on the CPU. */
export interface LayerMoments {
  channels: number;
  /** [C] */
  mean: Float32Array;
  /** [C, C], FᵀF / (h·w) */
  gram: Float32Array;
}

export interface GaussianTarget {
  /** [C, C], Cₜ^½ */
  root: Float32Array;
  /** Of Cₜ, with the ridge. */
  trace: number;
  /** Of Sₜ, the second moment: what the loss is relative to. */
  energy: number;
  /** Added to the diagonals of both covariances. */
  ridge: number;
}

/**
 * Of the target's largest eigenvalue: float32 holds the eigenvalues of Cₜ^½ C Cₜ^½ down to 1e-7 of the largest, so those
 * of the covariances down to a few 1e-4 (native/objective).
 */
const RIDGE = 1e-3;
/** Smaller, and the squares in the norm of Cₜ^½ C Cₜ^½ would be no floats where both pictures are flat. */
const SMALLEST_RIDGE = 1e-9;

export function gaussianTarget({ channels: n, mean, gram }: LayerMoments): GaussianTarget {
  const covariance = Float64Array.from(gram, (value, at) => value - entryOfSquare(mean, at, n));
  let energy = 0;
  for (let i = 0; i < n; i++) energy += gram[i * n + i] as number;
  energy = Math.max(energy, 1e-8 * n);
  const { values, vectors } = symmetricEigen(covariance, n);
  const ridge = Math.max(RIDGE * Math.max(...values, 1e-4 * energy), SMALLEST_RIDGE);
  const root = new Float64Array(n * n);
  let trace = 0;
  values.forEach((eigenvalue, k) => {
    const value = Math.max(eigenvalue, 0) + ridge;
    trace += value;
    const vector = vectors.subarray(k * n, (k + 1) * n);
    for (let i = 0; i < n; i++) {
      const weighted = Math.sqrt(value) * (vector[i] as number);
      for (let j = 0; j < n; j++) root[i * n + j] = (root[i * n + j] as number) + weighted * (vector[j] as number);
    }
  });
  return { root: Float32Array.from(root), trace, energy, ridge };
}

/** The entry of mean meanᵀ at a flat index. */
function entryOfSquare(mean: Float32Array, at: number, n: number): number {
  return (mean[Math.floor(at / n)] as number) * (mean[at % n] as number);
}
