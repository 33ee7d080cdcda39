// Squared Wasserstein-2 distance between Gaussians fitted to the features (Mroueh 2019; crowsonkb 2021), relative to the
// target's energy, as native/objective/wasserstein_loss:
//   (|µ − µₜ|² + tr(C + Cₜ − 2 (Cₜ^½ C Cₜ^½)^½)) / tr Sₜ,  S = C + µ µᵀ.
// Its gradient is closed: with the transport map T = Cₜ^½ (Cₜ^½ C Cₜ^½)^-½ Cₜ^½, d/dC = I − T and d/dµ = 2 (µ − µₜ).

import * as tf from "@tensorflow/tfjs-core";
import type { MomentLoss } from "./moment-loss.ts";
import type { Moments, MomentTensors, Slopes } from "./moments.ts";
import { symmetricEigen } from "./symmetric.ts";

interface GaussianTarget {
  /** [C], µₜ */
  mean: tf.Tensor1D;
  /** [C, C], Cₜ^½ */
  root: tf.Tensor2D;
  /** Added to the diagonals of both covariances. */
  ridge: number;
  /** One over tr Sₜ. */
  scale: number;
}

/**
 * Of the target's largest eigenvalue: float32 holds the eigenvalues of Cₜ^½ C Cₜ^½ down to 1e-7 of the largest, so those
 * of the covariances down to a few 1e-4 (native/objective).
 */
const RIDGE = 1e-3;
/** Smaller, and the squares in the norm of Cₜ^½ C Cₜ^½ would be no floats where both pictures are flat. */
const SMALLEST_RIDGE = 1e-9;

/**
 * On the CPU in double precision, since where a style is flat little but the rounding of floats is left of its
 * covariance.
 */
function prepare({ channels: n, mean, gram }: Moments): GaussianTarget {
  const covariance = Float64Array.from(gram, (value, at) => value - entryOfSquare(mean, at, n));
  let energy = 0;
  for (let i = 0; i < n; i++) energy += gram[i * n + i] as number;
  energy = Math.max(energy, 1e-8 * n);
  const { values, vectors } = symmetricEigen(covariance, n);
  const ridge = Math.max(RIDGE * Math.max(...values, 1e-4 * energy), SMALLEST_RIDGE);
  const root = new Float64Array(n * n);
  values.forEach((eigenvalue, k) => {
    const value = Math.max(eigenvalue, 0) + ridge;
    const vector = vectors.subarray(k * n, (k + 1) * n);
    for (let i = 0; i < n; i++) {
      const weighted = Math.sqrt(value) * (vector[i] as number);
      for (let j = 0; j < n; j++) root[i * n + j] = (root[i * n + j] as number) + weighted * (vector[j] as number);
    }
  });
  return {
    mean: tf.tensor1d(mean),
    root: tf.tensor2d(Float32Array.from(root), [n, n]),
    ridge,
    scale: 1 / energy,
  };
}

/** The entry of mean meanᵀ at a flat index. */
function entryOfSquare(mean: Float32Array, at: number, n: number): number {
  return (mean[Math.floor(at / n)] as number) * (mean[at % n] as number);
}

/**
 * S = I − T, s = (µ − µₜ) − S µ = T µ − µₜ. Since T C T = Cₜ, tr C + tr Cₜ − 2 tr (Cₜ^½ C Cₜ^½)^½ = tr S C S: a sum of
 * squares, where the traces would leave nothing but their rounding of two pictures that are alike.
 */
function slopes({ mean, second }: MomentTensors["covariance"], target: GaussianTarget): Slopes {
  const eye = tf.eye(second.shape[0]);
  const covariance = tf.add<tf.Tensor2D>(second, tf.mul(eye, target.ridge));
  const inner = tf.matMul<tf.Tensor2D>(tf.matMul(target.root, covariance), target.root);
  const transport = tf.matMul<tf.Tensor2D>(tf.matMul(target.root, inverseRoot(inner)), target.root);
  const matrix = tf.sub<tf.Tensor2D>(eye, transport);
  const meanDifference = tf.sub<tf.Tensor1D>(mean, target.mean);
  const carried = tf.reshape(tf.matMul(transport, tf.reshape(mean, [-1, 1])), [-1]);
  return {
    value: tf.add(
      tf.sum(tf.square(meanDifference)),
      tf.sum(tf.mul(tf.matMul(matrix, covariance), matrix)),
    ) as tf.Scalar,
    matrix,
    offset: tf.sub<tf.Tensor1D>(carried, target.mean),
  };
}

export const wassersteinLoss: MomentLoss<"covariance", GaussianTarget> = {
  moments: "covariance",
  prepare,
  slopes,
};

const NEWTON_SCHULZ_ITERATIONS = 12;
/** The smallest singular value that the iteration is scaled for. */
const SMALLEST_ROOT = 2e-4;

/**
 * A^-½ of a symmetric positive matrix by coupled Newton–Schulz: Y → Y T, Z → T Z, T = a (3 − a² Z Y) / 2, from
 * Y = A / |A|, Z = 1. The scales a follow the smallest singular value (Chen & Chow 2014, eq. 2.9).
 */
function inverseRoot(a: tf.Tensor2D): tf.Tensor2D {
  const norm = tf.sqrt(tf.sum(tf.square(a)));
  const eye = tf.eye(a.shape[0]);
  let y = tf.div<tf.Tensor2D>(a, norm);
  let z = eye;
  let smallest = SMALLEST_ROOT;
  for (let i = 0; i < NEWTON_SCHULZ_ITERATIONS; i++) {
    const scale = Math.sqrt(3 / (1 + smallest + smallest * smallest));
    smallest = (scale * smallest * (3 - scale * scale * smallest * smallest)) / 2;
    const cubic = tf.mul(tf.matMul(z, y), scale ** 3 / 2);
    const t = tf.sub<tf.Tensor2D>(tf.mul(eye, 1.5 * scale), cubic);
    if (i + 1 < NEWTON_SCHULZ_ITERATIONS) y = tf.matMul(y, t);
    z = tf.matMul(t, z);
  }
  return tf.div(z, tf.sqrt(norm));
}
