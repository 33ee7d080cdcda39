// The style losses of one layer by name, as native/objective/style_loss.

import * as tf from "@tensorflow/tfjs-core";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { gramLoss, normalizedGramLoss } from "./gram-loss.ts";
import type { Term } from "./loss.ts";
import type { Shares } from "./mask.ts";
import { compareMoments, type MomentLoss } from "./moment-loss.ts";
import type { MomentKind, Moments, WeightedMoments } from "./moments.ts";
import { wassersteinLoss } from "./wasserstein-loss.ts";

/** A style loss with what it compares with, ready for any features of the layer. */
export interface StyleTarget {
  compare(features: tf.Tensor4D, shares: Shares): Term;
  dispose(): void;
}

interface StyleLoss {
  /** Several styles as one. */
  blend(styles: readonly WeightedMoments[]): Moments;
  prepare(style: Moments): StyleTarget;
}

function fromMoments<K extends MomentKind, Target extends { scale: number }>(loss: MomentLoss<K, Target>): StyleLoss {
  return {
    blend: loss.blend,
    prepare(style) {
      const target = loss.prepare(style);
      return {
        compare: (features, shares) => compareMoments(loss, target, features, shares),
        dispose: () => tf.dispose(Object.values<unknown>(target).filter((x) => x instanceof tf.Tensor)),
      };
    },
  };
}

export const STYLE_LOSSES: Record<Settings["styleLoss"], StyleLoss> = {
  gram: fromMoments(gramLoss),
  "gram-normalized": fromMoments(normalizedGramLoss),
  w2: fromMoments(wassersteinLoss),
};
