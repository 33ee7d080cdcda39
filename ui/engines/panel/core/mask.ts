// How much each position of a layer counts: the picture's alpha, halved with every pool.

import * as tf from "@tensorflow/tfjs-core";

type Map4 = tf.Tensor4D;

/**
 * All of them add up to 1. A number where the picture is opaque (1 / (h·w)), else [h·w, 1] from the picture's alpha.
 */
export type Shares = number | tf.Tensor2D;

/** alpha: [1, H, W, 1] or null; for a layer of [1, h, w, C]. */
export function sharesAt(features: Map4, alpha: Map4 | null): Shares {
  const [, height, width] = features.shape;
  if (alpha === null) return 1 / (height * width);
  let mask = alpha;
  while (mask.shape[1] > height) mask = tf.avgPool(mask, 2, 2, "valid");
  const flat = tf.reshape(mask, [height * width, 1]);
  return tf.div<tf.Tensor2D>(flat, tf.add(tf.sum(flat), Number.EPSILON));
}
