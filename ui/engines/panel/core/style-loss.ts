// The style losses of one layer by name, as native/objective/style_loss.

import * as tf from "@tensorflow/tfjs-core";
import type { NativeLoss, StyleLoss } from "../../../../companion/protocol/settings.ts";
import { parseTerms } from "../../../../companion/protocol/terms.ts";
import { bnLoss } from "./bn-loss.ts";
import { gramLoss, normalizedGramLoss } from "./gram-loss.ts";
import type { Term } from "./loss.ts";
import type { Shares } from "./mask.ts";
import type { MeasuredLayer } from "./measure.ts";
import { linearMmdLoss, prepareGaussianMmd } from "./mmd-loss.ts";
import { compareMoments, type MomentLoss } from "./moment-loss.ts";
import type { MomentKind } from "./moments.ts";
import { wassersteinLoss } from "./wasserstein-loss.ts";

/** A style loss with what it compares with, ready for any features of the layer. */
export interface StyleTarget {
  compare(features: tf.Tensor4D, shares: Shares): Term;
  dispose(): void;
}

type Prepare = (style: MeasuredLayer) => StyleTarget;

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
const PREPARE_STYLE: Record<Exclude<StyleLoss, NativeLoss>, Prepare> = {
  gram: fromMoments(gramLoss),
  "gram-normalized": fromMoments(normalizedGramLoss),
  w2: fromMoments(wassersteinLoss),
  bn: fromMoments(bnLoss),
  "mmd-linear": fromMoments(linearMmdLoss),
  "mmd-gaussian": prepareGaussianMmd,
};

const PANEL_LOSSES = Object.keys(PREPARE_STYLE) as (keyof typeof PREPARE_STYLE)[];

/** True when a loss of the sum is no function of moments. */
export function needFeatures(styleLoss: string): boolean {
  return parseTerms(styleLoss, PANEL_LOSSES).some(({ loss }) => loss === "mmd-gaussian");
}

/** The sum that a setting asks for; checkPanel() has refused what this engine lacks. */
export function styleTerms(styleLoss: string): { prepare: Prepare; weight: number }[] {
  return parseTerms(styleLoss, PANEL_LOSSES).map(({ loss, weight }) => ({ prepare: PREPARE_STYLE[loss], weight }));
}
