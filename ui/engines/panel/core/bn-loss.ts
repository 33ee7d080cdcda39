// Style loss of one layer by the channels' means and standard deviations (Li, Wang, Liu & Hou 2017, eq. 11), as
// native/objective/bn_loss: (|µ − µₜ|² + |σ − σₜ|²) / E |x|² of the style.

import * as tf from "@tensorflow/tfjs-core";
import type { MomentLoss } from "./moment-loss.ts";
import { type Moments, type MomentTensors, type Slopes, styleEnergy } from "./moments.ts";

interface DeviationTarget {
  /** [C], µₜ */
  mean: tf.Tensor1D;
  /** [C], σₜ */
  deviation: tf.Tensor1D;
  /** Added to both variances. */
  ridge: number;
  scale: number;
}

/** Of a channel's mean energy: the slope of σ has no end where a channel is flat. */
const SMALLEST_VARIANCE = 1e-4;

function prepare(style: Moments): DeviationTarget {
  const { channels, mean, gram } = style;
  const energy = styleEnergy(style);
  const ridge = (SMALLEST_VARIANCE * energy) / channels;
  const deviation = mean.map((value, i) =>
    Math.sqrt(Math.max(0, (gram[i * (channels + 1)] as number) - value * value) + ridge),
  );
  return { mean: tf.tensor1d(mean), deviation: tf.tensor1d(deviation), ridge, scale: 1 / energy };
}

/** S = diag(1 − σₜ / σ), s = (µ − µₜ) − S µ. */
function slopes({ mean, second }: MomentTensors["covariance"], target: DeviationTarget): Slopes {
  const eye = tf.eye(second.shape[0]);
  const variance = tf.sum<tf.Tensor1D>(tf.mul(second, eye), 1);
  const deviation = tf.sqrt(tf.add(variance, target.ridge));
  const meanDifference = tf.sub<tf.Tensor1D>(mean, target.mean);
  const difference = tf.sub(deviation, target.deviation);
  const slope = tf.div(difference, deviation);
  return {
    value: tf.add(tf.sum(tf.square(meanDifference)), tf.sum(tf.square(difference))) as tf.Scalar,
    matrix: tf.mul<tf.Tensor2D>(eye, slope),
    offset: tf.sub<tf.Tensor1D>(meanDifference, tf.mul(slope, mean)),
  };
}

export const bnLoss: MomentLoss<"covariance", DeviationTarget> = { moments: "covariance", prepare, slopes };
