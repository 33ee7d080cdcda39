// First and second moments of one layer's features, as native/objective/moments: all that most style losses look at.
// Measured on the CPU they are raw, so that they add up over pictures; on the GPU each loss takes the kind that it is a
// function of.

import * as tf from "@tensorflow/tfjs-core";
import type { Shares } from "./mask.ts";

/** Of a picture that was measured, on the CPU. */
export interface Moments {
  channels: number;
  /** [C] */
  mean: Float32Array;
  /** [C, C], FᵀF / (h·w) */
  gram: Float32Array;
}

export interface WeightedMoments {
  moments: Moments;
  weight: number;
}

/** The moments of all features together, each picture's counting by its weight. */
export function averageMoments(parts: readonly WeightedMoments[]): Moments {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const average = (field: "mean" | "gram"): Float32Array => {
    const sum = new Float32Array((parts[0] as WeightedMoments).moments[field].length);
    for (const { moments, weight } of parts) {
      moments[field].forEach((x, i) => {
        sum[i] = (sum[i] as number) + (x * weight) / total;
      });
    }
    return sum;
  };
  return { channels: (parts[0] as WeightedMoments).moments.channels, mean: average("mean"), gram: average("gram") };
}

/** E |x|², at least what a layer that a style leaves dark is said to have. */
export function styleEnergy({ channels, gram }: Moments): number {
  let energy = 0;
  for (let i = 0; i < channels; i++) energy += gram[i * (channels + 1)] as number;
  return Math.max(energy, 1e-8 * channels);
}

/**
 * The moments that a loss is a function of. Those about the mean are computed about it, not as the difference of raw
 * ones: where a picture is nearly flat little but rounding is left of that.
 */
export interface MomentTensors {
  mean: { mean: tf.Tensor1D };
  gram: { second: tf.Tensor2D };
  covariance: { mean: tf.Tensor1D; second: tf.Tensor2D };
}
export type MomentKind = keyof MomentTensors;

/** features: [h·w, C]. */
export function momentsOf<K extends MomentKind>(kind: K, features: tf.Tensor2D, shares: Shares): MomentTensors[K];
export function momentsOf(kind: MomentKind, features: tf.Tensor2D, shares: Shares): MomentTensors[MomentKind] {
  if (kind === "gram") return { second: gramOf(features, shares) };
  const mean = meanOf(features, shares);
  if (kind === "mean") return { mean };
  return { mean, second: gramOf(tf.sub<tf.Tensor2D>(features, mean), shares) };
}

/** [C] */
export function meanOf(features: tf.Tensor2D, shares: Shares): tf.Tensor1D {
  return tf.sum<tf.Tensor1D>(tf.mul(features, shares), 0);
}

/** [C, C] */
export function gramOf(features: tf.Tensor2D, shares: Shares): tf.Tensor2D {
  return tf.matMul(features, tf.mul<tf.Tensor2D>(features, shares), true, false);
}

/** What a function of moments makes of them: its value, and 2 (F S + 1 sᵀ) · shares for a gradient. */
export interface Slopes {
  value: tf.Scalar;
  /** S: [C, C]; null for zero. */
  matrix: tf.Tensor2D | null;
  /** s: [C]; null for zero. */
  offset: tf.Tensor1D | null;
}

/** scale · 2 (F S + 1 sᵀ) · shares, [h·w, C]: the gradient of scale · value with respect to the features. */
export function applySlopes(
  features: tf.Tensor2D,
  shares: Shares,
  { matrix, offset }: Slopes,
  scale: number,
): tf.Tensor2D {
  const product = matrix === null ? tf.zerosLike(features) : tf.matMul(features, matrix);
  const slope = offset === null ? product : tf.add<tf.Tensor2D>(product, offset);
  return tf.mul<tf.Tensor2D>(tf.mul(slope, shares), 2 * scale);
}
