// The content losses of one layer by name. Features (Gatys, Ecker & Bethge 2016, eq. 1): value and gradient at the feature
// map side by side; a mean over all entries in place of ½Σ. Self-similarity stands in its own file.

import * as tf from "@tensorflow/tfjs-core";
import { type ContentSettings, contentTermsOf } from "../../../../companion/protocol/content-terms.ts";
import type { ContentLoss } from "../../../../companion/protocol/settings.ts";
import type { Term as WeightedLoss } from "../../../../companion/protocol/terms.ts";
import { flatten, type Term } from "./loss.ts";
import { type Shares, sharesAt } from "./mask.ts";
import { selfSimilarity } from "./self-similarity.ts";

type Map4 = tf.Tensor4D;

export interface ContentTarget {
  compare(features: Map4, shares: Shares): Term;
  /** The content's features stay the caller's. */
  dispose(): void;
}

/** The content losses that look at features; the others look at pixels (pixel-terms.ts). */
type FeatureLoss = Exclude<ContentLoss, "laplacian">;

export function featureTerms(settings: ContentSettings): WeightedLoss<FeatureLoss>[] {
  return contentTermsOf(settings).flatMap(({ loss, weight }) => (loss === "laplacian" ? [] : [{ loss, weight }]));
}

type Prepare = (features: Map4, alpha: Map4 | null, relative: boolean) => Promise<ContentTarget>;

export const PREPARE_CONTENT: Record<FeatureLoss, Prepare> = {
  features: prepareFeatures,
  "self-similarity": (features, alpha) => Promise.resolve(selfSimilarity(features, alpha)),
};

/**
 * Σ (F − P)² as the mean over all entries, the canonical form; or relative to the target's own square, so that it is the
 * same at every size, layer and picture.
 */
async function prepareFeatures(target: Map4, alpha: Map4 | null, relative: boolean): Promise<ContentTarget> {
  const divisor = await divisorOf(target, alpha, relative);
  return {
    compare(features, shares) {
      const difference = tf.sub<tf.Tensor2D>(flatten(features), flatten(target));
      const shared = tf.mul<tf.Tensor2D>(difference, shares);
      return {
        value: tf.div(tf.sum(tf.mul(shared, difference)), divisor) as tf.Scalar,
        gradient: tf.reshape(tf.mul(shared, 2 / divisor), features.shape),
      };
    },
    dispose() {},
  };
}

async function divisorOf(target: Map4, alpha: Map4 | null, relative: boolean): Promise<number> {
  const channels = target.shape[3];
  if (!relative) return channels;
  const square = tf.tidy(() => {
    const flat = flatten(target);
    return tf.sum(tf.mul(tf.mul(flat, sharesAt(target, alpha)), flat));
  });
  const [value] = await square.data();
  square.dispose();
  // A layer that a picture leaves dark has nothing to be relative to.
  return Math.max(value as number, 1e-6 * channels);
}
