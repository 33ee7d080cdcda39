// Maps that carry one Gaussian onto another, as native/detail/transport, on the CPU in double precision.

import type { Settings } from "../../../../companion/protocol/settings.ts";
import type { Gaussian } from "./gaussian.ts";
import { symmetricEigen } from "./symmetric.ts";

/** y = matrix x + offset. */
export interface AffineMap {
  /** [C, C] */
  matrix: Float32Array;
  /** [C] */
  offset: Float32Array;
}

/**
 * The optimal transport from one Gaussian to the other (Olkin & Pukelsheim 1982), and only `share` of the way:
 * x → (1 − t) x + t (μ₁ + T (x − μ₀)), with T = S^-½ (S^½ Z S^½)^½ S^-½ for the covariances S = Σ₀ + ε, Z = Σ₁ + ε,
 * ε = ridge (tr Σ₀ + tr Σ₁). The ridge on both sides leaves things as they are where neither varies. Beyond all of the
 * way (t > 1) μ₁ stays, and what goes on is how features vary about it.
 */
function transport(from: Gaussian, to: Gaussian, ridge: number, share: number): AffineMap {
  const n = from.mean.length;
  const epsilon = ridgeOf(from, to, ridge);
  const matrix = transportMatrix(withRidge(from.covariance, n, epsilon), withRidge(to.covariance, n, epsilon), n);
  return onTheWay(from, to, matrix, share);
}

/**
 * Each channel by itself to the other's mean and deviation (adaptive instance normalization, Huang & Belongie 2017, eq. 8),
 * `share` of the way, with the same ridge under the roots.
 */
function matchDeviations(from: Gaussian, to: Gaussian, ridge: number, share: number): AffineMap {
  const n = from.mean.length;
  const epsilon = ridgeOf(from, to, ridge);
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n * n; i += n + 1) {
    matrix[i] = Math.sqrt(((to.covariance[i] as number) + epsilon) / ((from.covariance[i] as number) + epsilon));
  }
  return onTheWay(from, to, matrix, share);
}

export const CARRIES = { transport, adain: matchDeviations } as const satisfies Record<
  Settings["carry"],
  typeof transport
>;

function ridgeOf(from: Gaussian, to: Gaussian, ridge: number): number {
  const n = from.mean.length;
  return ridge * Math.max(1e-12, trace(from.covariance, n) + trace(to.covariance, n));
}

/** x → (1 − t) x + t (μ₁ + matrix (x − μ₀)). Beyond all of the way the mean stays at μ₁: what goes past it are deviations. */
function onTheWay(from: Gaussian, to: Gaussian, full: Float64Array, share: number): AffineMap {
  const n = from.mean.length;
  const ofMean = Math.min(1, share);
  const matrix = full.map((value, at) => share * value + (at % (n + 1) === 0 ? 1 - share : 0));
  const offset = Float64Array.from(
    from.mean,
    (mean, i) => (1 - ofMean) * mean + ofMean * (to.mean[i] as number) - dot(matrix, i * n, from.mean),
  );
  return { matrix: Float32Array.from(matrix), offset: Float32Array.from(offset) };
}

/** With S = L Lᵀ, T = L⁻ᵀ (Lᵀ Z L)^½ L⁻¹ is the same map as by the root of S, for one eigenvalue problem instead of two. */
function transportMatrix(source: Float64Array, target: Float64Array, n: number): Float64Array {
  const lower = cholesky(source, n);
  const middle = product(product(transposed(lower, n), target, n), lower, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const mean = ((middle[i * n + j] as number) + (middle[j * n + i] as number)) / 2;
      middle[i * n + j] = mean;
      middle[j * n + i] = mean;
    }
  }
  const left = solveUpper(lower, squareRoot(middle, n), n); // L⁻ᵀ R
  return solveUpper(lower, transposed(left, n), n); // L⁻ᵀ (L⁻ᵀ R)ᵀ
}

/** L with L Lᵀ = matrix, zeros above the diagonal. */
function cholesky(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j] as number;
      for (let k = 0; k < j; k++) sum -= (lower[i * n + k] as number) * (lower[j * n + k] as number);
      if (i === j && !(sum > 0)) throw new Error("The statistics of a picture broke down.");
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / (lower[j * n + j] as number);
    }
  }
  return lower;
}

/** X with Lᵀ X = right, from below; `right` is used up. */
function solveUpper(lower: Float64Array, right: Float64Array, n: number): Float64Array {
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) {
      const factor = lower[k * n + i] as number;
      for (let j = 0; j < n; j++) {
        right[i * n + j] = (right[i * n + j] as number) - factor * (right[k * n + j] as number);
      }
    }
    for (let j = 0; j < n; j++) right[i * n + j] = (right[i * n + j] as number) / (lower[i * n + i] as number);
  }
  return right;
}

function squareRoot(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, n);
  const scaled = vectors.map((value, at) => value * Math.sqrt(Math.max(0, values[Math.floor(at / n)] as number)));
  return product(transposed(vectors, n), scaled, n);
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k] as number;
      for (let j = 0; j < n; j++) result[i * n + j] = (result[i * n + j] as number) + factor * (b[k * n + j] as number);
    }
  }
  return result;
}

function transposed(matrix: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => matrix[(at % n) * n + Math.floor(at / n)] as number);
}

function withRidge(matrix: Float64Array, n: number, ridge: number): Float64Array {
  return matrix.map((value, at) => (at % (n + 1) === 0 ? value + ridge : value));
}

function trace(matrix: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += matrix[i * (n + 1)] as number;
  return sum;
}

function dot(matrix: Float64Array, begin: number, vector: Float64Array): number {
  return vector.reduce((sum, value, j) => sum + (matrix[begin + j] as number) * value, 0);
}
