// The style losses of one layer by name, as native/objective/style_loss.

import * as tf from "@tensorflow/tfjs-core";
import type { MatchedLoss, StyleLoss } from "../../../../companion/protocol/settings.ts";
import { gramLoss, normalizedGramLoss } from "./gram-loss.ts";
import type { Term } from "./loss.ts";
import type { Shares } from "./mask.ts";
import { compareMoments, type MomentLoss } from "./moment-loss.ts";
import type { MomentKind, Moments } from "./moments.ts";
import { wassersteinLoss } from "./wasserstein-loss.ts";

/** A style loss with what it compares with, ready for any features of the layer. */
export interface StyleTarget {
  compare(features: tf.Tensor4D, shares: Shares): Term;
  dispose(): void;
}

type Prepare = (style: Moments) => StyleTarget;

function fromMoments<K extends MomentKind, Target extends { scale: number }>(loss: MomentLoss<K, Target>): Prepare {
  return (style) => {
    const target = loss.prepare(style);
    return {
      compare: (features, shares) => compareMoments(loss, target, features, shares),
      dispose: () => tf.dispose(Object.values<unknown>(target).filter((x) => x instanceof tf.Tensor)),
    };
  };
}

/** The others need the companion (companion/protocol/settings-checks.ts). */
export const PREPARE_STYLE: Record<Exclude<StyleLoss, MatchedLoss>, Prepare> = {
  gram: fromMoments(gramLoss),
  "gram-normalized": fromMoments(normalizedGramLoss),
  w2: fromMoments(wassersteinLoss),
};
