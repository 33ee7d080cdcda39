// A style loss that is a function of moments, as native/objective/moment_loss: what it makes of a style's moments on the
// CPU, and of the picture's on the GPU. The three steps, moments, slopes and their application, meet in nothing but those
// tensors: each may be computed apart from the others, over tiles or over regions with shares of their own.

import * as tf from "@tensorflow/tfjs-core";
import { flatten, type Term } from "./loss.ts";
import type { Shares } from "./mask.ts";
import { applySlopes, type MomentKind, type Moments, type MomentTensors, momentsOf, type Slopes } from "./moments.ts";

/** The loss is scale · value. */
interface Scaled {
  scale: number;
}

export interface MomentLoss<K extends MomentKind, Target extends Scaled> {
  moments: K;
  /** What to compare with, tensors and numbers. */
  prepare(style: Moments): Target;
  slopes(moments: MomentTensors[K], target: Target): Slopes;
}

/** moments → slopes → gradient. */
export function compareMoments<K extends MomentKind, Target extends Scaled>(
  loss: MomentLoss<K, Target>,
  target: Target,
  features: tf.Tensor4D,
  shares: Shares,
): Term {
  const flat = flatten(features);
  const slopes = loss.slopes(momentsOf(loss.moments, flat, shares), target);
  return {
    value: tf.mul(slopes.value, target.scale) as tf.Scalar,
    gradient: tf.reshape(applySlopes(flat, shares, slopes, target.scale), features.shape),
  };
}
