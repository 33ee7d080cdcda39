// Style and content losses, each with its value and its gradient at the feature map side by side.
// Gatys, Ecker & Bethge 2016, with the means of this project's canonical form in place of ½Σ and 1/(4N²M²).

import * as tf from "@tensorflow/tfjs-core";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { gaussianTarget, type LayerMoments } from "./gaussian-target.ts";

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

/** P of one layer, and what the sum of squared differences is divided by. */
export interface ContentTarget {
  features: Map4;
  divisor: number;
}

/**
 * The mean over all entries in the canonical form, which goes with raw Gram matrices; else relative to the target's own
 * square, so that it is the same at every size, layer and picture.
 */
export async function prepareContentTarget(
  kind: Settings["styleLoss"],
  features: Map4,
  alpha: Map4 | null,
): Promise<ContentTarget> {
  const channels = features.shape[3];
  if (kind === "gram") return { features, divisor: channels };
  const square = tf.tidy(() => {
    const flat = flatten(features);
    return tf.sum(tf.mul(tf.mul(flat, sharesAt(features, alpha)), flat));
  });
  const [value] = await square.data();
  square.dispose();
  // A layer that a picture leaves dark has nothing to be relative to.
  return { features, divisor: Math.max(value as number, 1e-6 * channels) };
}

/** Σ (F − P)² / divisor; gradient 2 (F − P) / divisor. */
export function contentLoss(features: Map4, target: ContentTarget, shares: Shares): Term {
  const difference = tf.sub<tf.Tensor2D>(flatten(features), flatten(target.features));
  const shared = tf.mul<tf.Tensor2D>(difference, shares);
  return {
    value: tf.div(tf.sum(tf.mul(shared, difference)), target.divisor) as tf.Scalar,
    gradient: tf.reshape(tf.mul(shared, 2 / target.divisor), features.shape),
  };
}

/** What a style loss compares with; prepared once for each scale. */
export type StyleTarget =
  | { kind: "gram"; gram: tf.Tensor2D; scale: number }
  | { kind: "w2"; mean: tf.Tensor1D; root: tf.Tensor2D; trace: number; energy: number; ridge: number };

/** Dispose the result's tensors. */
export function prepareStyleTarget(kind: Settings["styleLoss"], target: LayerMoments): StyleTarget {
  const { channels, mean, gram } = target;
  if (kind === "w2") {
    const { root, ...numbers } = gaussianTarget(target);
    return { kind, mean: tf.tensor1d(mean), root: tf.tensor2d(root, [channels, channels]), ...numbers };
  }
  const size = kind === "gram" ? 1 : gram.reduce((sum, x) => sum + x * x, 0) / (channels * channels);
  // A layer that a style leaves dark has nothing to be relative to.
  return { kind: "gram", gram: tf.tensor2d(gram, [channels, channels]), scale: 1 / Math.max(size, 1e-8) };
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
 * Squared Wasserstein-2 distance between Gaussians (Mroueh 2019; crowsonkb 2021), relative to the target's energy:
 * (|µ − µₜ|² + tr(C + Cₜ − 2 (Cₜ^½ C Cₜ^½)^½)) / tr Sₜ. Its gradient is closed: dµ 2 (µ − µₜ), dC I − T with the
 * transport map T = Cₜ^½ (Cₜ^½ C Cₜ^½)^-½ Cₜ^½.
 */
function wasserstein2Loss(features: Map4, target: StyleTarget & { kind: "w2" }, shares: Shares): Term {
  const flat = flatten(features);
  const mean = tf.sum<tf.Tensor1D>(tf.mul(flat, shares), 0);
  // About the mean, not the second moment minus µ µᵀ: where a picture is nearly flat little but rounding is left of that.
  const centered = tf.sub<tf.Tensor2D>(flat, mean);
  const central = tf.matMul<tf.Tensor2D>(centered, tf.mul(centered, shares), true, false);
  const covariance = addRidge(central, target.ridge);
  const inner = tf.matMul<tf.Tensor2D>(tf.matMul(target.root, covariance), target.root);
  const { root, inverseRoot } = squareRoot(inner);
  const transport = tf.matMul(tf.matMul(target.root, inverseRoot), target.root);
  const meanDifference = tf.sub<tf.Tensor1D>(mean, target.mean);
  const traces = tf.sub(tf.add(trace(covariance), target.trace), tf.mul(trace(root), 2));
  const toCovarianceGradient = tf.sub<tf.Tensor2D>(tf.eye(flat.shape[1]), transport);
  const slope = tf.add(tf.matMul(centered, toCovarianceGradient), meanDifference);
  const gradient = tf.mul(tf.mul(slope, shares), 2 / target.energy);
  return {
    value: tf.div(tf.add(tf.sum(tf.square(meanDifference)), traces), target.energy) as tf.Scalar,
    gradient: tf.reshape(gradient, features.shape),
  };
}

function addRidge(covariance: tf.Tensor2D, ridge: number): tf.Tensor2D {
  return tf.add(covariance, tf.mul(tf.eye(covariance.shape[0]), ridge));
}

const NEWTON_SCHULZ_ITERATIONS = 12;
/** The smallest singular value that the iteration is scaled for. */
const SMALLEST_ROOT = 2e-4;

/**
 * Coupled Newton–Schulz: Y → Y T, Z → T Z, T = a (3 − a² Z Y) / 2, from Y = A / |A|, Z = 1: A^½ and A^-½ of a symmetric
 * positive matrix. The scales a follow the smallest singular value (Chen & Chow 2014, eq. 2.9).
 */
function squareRoot(a: tf.Tensor2D): { root: tf.Tensor2D; inverseRoot: tf.Tensor2D } {
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
