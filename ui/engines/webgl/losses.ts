// Style and content losses, each with its value and its gradient at the feature map side by side.
// Gatys, Ecker & Bethge 2016, with the means of this project's canonical form in place of ½Σ and 1/(4N²M²).

import * as tf from "@tensorflow/tfjs-core";
import type { Settings } from "../../../companion/protocol/settings.ts";

type Map4 = tf.Tensor4D;

/** Raw moments of one layer of a style picture. */
export interface Moments {
  /** [C] */
  mean: tf.Tensor1D;
  /** [C, C], FᵀF / (h·w) */
  gram: tf.Tensor2D;
}

/** A loss term: its value as a scalar and dL/dF as [1, h, w, C]. */
export interface Term {
  value: tf.Scalar;
  gradient: Map4;
}

/**
 * How much each position of a layer counts; all of them add up to 1. A number where the picture is opaque
 * (1 / (h·w)), else [h·w, 1] from the picture's alpha.
 */
export type Shares = number | tf.Tensor2D;

/** alpha: [1, H, W, 1] or null; halved with every pool on the way to a layer of [1, h, w, C]. */
export function sharesAt(features: Map4, alpha: Map4 | null): Shares {
  const [, height, width] = features.shape;
  if (alpha === null) return 1 / (height * width);
  let mask = alpha;
  while (mask.shape[1] > height) mask = tf.avgPool(mask, 2, 2, "valid");
  const flat = tf.reshape(mask, [height * width, 1]);
  return tf.div<tf.Tensor2D>(flat, tf.add(tf.sum(flat), Number.EPSILON));
}

/** features: [1, h, w, C] after the ReLU. */
export function moments(features: Map4, shares: Shares): Moments {
  const flat = flatten(features);
  const shared = tf.mul<tf.Tensor2D>(flat, shares);
  return { mean: tf.sum(shared, 0), gram: tf.matMul(flat, shared, true, false) };
}

/** mean((F − P)²); gradient 2 (F − P) / count. */
export function contentLoss(features: Map4, target: Map4, shares: Shares): Term {
  const channels = features.shape[3];
  const difference = tf.sub<tf.Tensor2D>(flatten(features), flatten(target));
  const shared = tf.mul<tf.Tensor2D>(difference, shares);
  return {
    value: tf.div(tf.sum(tf.mul(shared, difference)), channels) as tf.Scalar,
    gradient: tf.reshape(tf.mul(shared, 2 / channels), features.shape),
  };
}

/** What a style loss compares with; prepared once for each scale. */
export type StyleTarget =
  | { kind: "gram"; gram: tf.Tensor2D; scale: number }
  | { kind: "w2"; mean: tf.Tensor1D; covariance: tf.Tensor2D; root: tf.Tensor2D };

/** Covariances are kept away from singular ones by this, as in crowsonkb's W2 loss. */
const COVARIANCE_EPSILON = 1e-4;

/** Takes ownership of nothing; dispose the result with tf.dispose(Object.values(target)). */
export function prepareStyleTarget(kind: Settings["styleLoss"], target: Moments): StyleTarget {
  if (kind === "w2") {
    return tf.tidy(() => {
      const covariance = toCovariance(target);
      return { kind: "w2" as const, mean: tf.clone(target.mean), covariance, root: squareRoot(covariance).root };
    });
  }
  const size = kind === "gram" ? 1 : tf.tidy(() => tf.mean(tf.square(target.gram)).dataSync()[0] as number);
  // A layer that a style leaves dark has nothing to be relative to.
  return { kind: "gram", gram: tf.clone(target.gram), scale: 1 / Math.max(size, 1e-8) };
}

export function styleLoss(features: Map4, target: StyleTarget, shares: Shares): Term {
  return target.kind === "gram" ? gramLoss(features, target, shares) : wasserstein2Loss(features, target, shares);
}

/** mean((G − A)²) · scale; gradient 4 · scale / (C² · h · w) · F (G − A), G − A being symmetric. */
function gramLoss(features: Map4, { gram, scale }: StyleTarget & { kind: "gram" }, shares: Shares): Term {
  const flat = flatten(features);
  const channels = flat.shape[1];
  const difference = tf.sub<tf.Tensor2D>(moments(features, shares).gram, gram);
  const factor = (4 * scale) / (channels * channels);
  const gradient = tf.mul(tf.mul(tf.matMul(flat, difference), shares), factor);
  return {
    value: tf.mul(tf.mean(tf.square(difference)), scale) as tf.Scalar,
    gradient: tf.reshape(gradient, features.shape),
  };
}

/**
 * Wasserstein-2 between Gaussians: mean((µ − µₜ)²) + mean(diag(C + Cₜ − 2 (Cₜ^½ C Cₜ^½)^½)).
 * Its gradient is closed: dµ 2 (µ − µₜ) / n, dC (I − T) / n with the transport map T = Cₜ^½ (Cₜ^½ C Cₜ^½)^-½ Cₜ^½.
 */
function wasserstein2Loss(features: Map4, target: StyleTarget & { kind: "w2" }, shares: Shares): Term {
  const flat = flatten(features);
  const channels = flat.shape[1];
  const current = moments(features, shares);
  const covariance = toCovariance(current);
  const inner = tf.matMul<tf.Tensor2D>(tf.matMul(target.root, covariance), target.root);
  const { root, inverseRoot } = squareRoot(inner);
  const transport = tf.matMul(tf.matMul(target.root, inverseRoot), target.root);
  const meanDifference = tf.sub<tf.Tensor1D>(current.mean, target.mean);
  const traces = tf.sub(tf.add(trace(covariance), trace(target.covariance)), tf.mul(trace(root), 2));
  const toCovarianceGradient = tf.sub<tf.Tensor2D>(tf.eye(channels), transport);
  const centered = tf.sub<tf.Tensor2D>(flat, current.mean);
  const slope = tf.add(tf.matMul(centered, toCovarianceGradient), meanDifference);
  const gradient = tf.mul(tf.mul(slope, shares), 2 / channels);
  return {
    value: tf.add(tf.mean(tf.square(meanDifference)), tf.div(traces, channels)) as tf.Scalar,
    gradient: tf.reshape(gradient, features.shape),
  };
}

function toCovariance({ mean, gram }: Moments): tf.Tensor2D {
  const column = tf.reshape(mean, [-1, 1]) as tf.Tensor2D;
  const raw = tf.sub<tf.Tensor2D>(gram, tf.matMul(column, column, false, true));
  return tf.add(raw, tf.mul(tf.eye(mean.size), COVARIANCE_EPSILON));
}

/** Empirical: what crowsonkb's recipe uses; more change nothing in float32. */
const NEWTON_SCHULZ_ITERATIONS = 12;

/** Coupled Newton–Schulz (Higham 2008, §6.7): A^½ and A^-½ of a symmetric positive matrix. */
function squareRoot(a: tf.Tensor2D): { root: tf.Tensor2D; inverseRoot: tf.Tensor2D } {
  const norm = tf.sqrt(tf.sum(tf.square(a)));
  const eye = tf.eye(a.shape[0]);
  let y = tf.div<tf.Tensor2D>(a, norm);
  let z = eye;
  for (let i = 0; i < NEWTON_SCHULZ_ITERATIONS; i++) {
    const t = tf.mul<tf.Tensor2D>(tf.sub(tf.mul(eye, 3), tf.matMul(z, y)), 0.5);
    y = tf.matMul(y, t);
    z = tf.matMul(t, z);
  }
  const rootOfNorm = tf.sqrt(norm);
  return { root: tf.mul(y, rootOfNorm), inverseRoot: tf.div(z, rootOfNorm) };
}

function trace(a: tf.Tensor2D): tf.Scalar {
  return tf.sum(tf.mul(a, tf.eye(a.shape[0])));
}

/** [1, h, w, C] → [h·w, C]; a view. */
function flatten(features: Map4): tf.Tensor2D {
  return tf.reshape(features, [features.shape[1] * features.shape[2], features.shape[3]]);
}
