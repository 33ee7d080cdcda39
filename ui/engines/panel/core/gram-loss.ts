// Style loss by Gram matrices (Gatys, Ecker & Bethge 2016, eq. 3-5), as native/objective/gram_loss: the mean of
// (G − A)² in the canonical form; normalized, relative to the mean of A².

import * as tf from "@tensorflow/tfjs-core";
import type { MomentLoss } from "./moment-loss.ts";
import type { Moments } from "./moments.ts";

export interface GramTarget {
  gram: tf.Tensor2D;
  scale: number;
}

function targetOf({ channels, gram }: Moments, scale: number): GramTarget {
  return { gram: tf.tensor2d(gram, [channels, channels]), scale };
}

function slopes({ second }: { second: tf.Tensor2D }, { gram }: GramTarget) {
  const difference = tf.sub<tf.Tensor2D>(second, gram);
  return {
    value: tf.sum(tf.square(difference)) as tf.Scalar,
    // G is symmetric.
    matrix: tf.mul<tf.Tensor2D>(difference, 2),
    offset: null,
  };
}

export const gramLoss: MomentLoss<"gram", GramTarget> = {
  moments: "gram",
  prepare: (style) => targetOf(style, 1 / style.gram.length),
  slopes,
};

export const normalizedGramLoss: MomentLoss<"gram", GramTarget> = {
  ...gramLoss,
  prepare(style) {
    const sum = style.gram.reduce((total, x) => total + x * x, 0);
    // A layer that a style leaves dark has nothing to be relative to.
    return targetOf(style, 1 / Math.max(sum, 1e-8 * style.gram.length));
  },
};
