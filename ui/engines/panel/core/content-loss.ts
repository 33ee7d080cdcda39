// Content loss of one layer (Gatys, Ecker & Bethge 2016, eq. 1), its value and its gradient at the feature map side by
// side; a mean over all entries in place of ½Σ.

import * as tf from "@tensorflow/tfjs-core";
import { flatten, type Term } from "./loss.ts";
import { type Shares, sharesAt } from "./mask.ts";

type Map4 = tf.Tensor4D;

/** P of one layer, and what the sum of squared differences is divided by. */
export interface ContentTarget {
  features: Map4;
  divisor: number;
}

/**
 * The mean over all entries in the canonical form; or relative to the target's own square, so that it is the same at
 * every size, layer and picture.
 */
export async function prepareContentTarget(
  relative: boolean,
  features: Map4,
  alpha: Map4 | null,
): Promise<ContentTarget> {
  const channels = features.shape[3];
  if (!relative) return { features, divisor: channels };
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
