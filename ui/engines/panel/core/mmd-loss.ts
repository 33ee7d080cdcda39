// Style loss of one layer by the maximum mean discrepancy (Li, Wang, Liu & Hou 2017, eq. 8-10), as
// native/objective/mmd_loss: with a linear kernel |µ − µₜ|², relative to the style's energy; with a Gaussian one
// |E z(x) − E z(y)|², z(x) = √(2/D) cos(W x + b), whose products are the kernel on average (Rahimi & Recht 2007).

import * as tf from "@tensorflow/tfjs-core";
import { flatten, type Term } from "./loss.ts";
import type { Shares } from "./mask.ts";
import type { MeasuredLayer } from "./measure.ts";
import type { MomentLoss } from "./moment-loss.ts";
import { styleEnergy } from "./moments.ts";
import { Random } from "./random.ts";
import { type StyleSample, sampleStyle } from "./style-features.ts";

const WAVE_SEED = 1;
const PAIR_SEED = 2;
const PAIRS = 1024;
/** Of the energy: smaller, and a style of one color would make the kernel a spike. */
const SMALLEST_BANDWIDTH = 1e-3;

/** S = 0, s = µ − µₜ. */
export const linearMmdLoss: MomentLoss<"mean", { mean: tf.Tensor1D; scale: number }> = {
  moments: "mean",
  prepare: (style) => ({ mean: tf.tensor1d(style.mean), scale: 1 / styleEnergy(style) }),
  slopes({ mean }, target) {
    const offset = tf.sub<tf.Tensor1D>(mean, target.mean);
    return { value: tf.sum(tf.square(offset)) as tf.Scalar, matrix: null, offset };
  },
};

export interface Waves {
  /** W, [D, C] */
  frequencies: Float32Array;
  /** b, [D] */
  phases: Float32Array;
  /** E cos(W y + b), [D] */
  means: Float32Array;
}

/** W and b drawn once, by a bandwidth from the style, and the style's means. */
function drawWaves(style: MeasuredLayer): Waves {
  const { channels } = style;
  const sample = sampleStyle(style.features, channels);
  const count = Math.min(256, Math.max(64, 2 * channels));
  const deviation = 1 / Math.sqrt(bandwidth(sample, styleEnergy(style)));
  const random = new Random(WAVE_SEED);
  const frequencies = new Float32Array(count * channels);
  const phases = new Float32Array(count);
  for (let d = 0; d < count; d++) {
    for (let c = 0; c < channels; c++) frequencies[d * channels + c] = random.normal(deviation);
    phases[d] = 2 * Math.PI * random.uniform();
  }
  const means = phases.map((phase, d) => {
    const frequency = frequencies.subarray(d * channels, (d + 1) * channels);
    return sample.positions.reduce((mean, features, i) => {
      const angle = features.reduce((sum, value, c) => sum + value * (frequency[c] as number), phase);
      return mean + (sample.weights[i] as number) * Math.cos(angle);
    }, 0);
  });
  return { frequencies, phases, means };
}

/** σ² by the median heuristic, over seeded pairs. */
function bandwidth({ positions }: StyleSample, energy: number): number {
  const random = new Random(PAIR_SEED);
  const draw = () => {
    const place = Math.floor(random.uniform() * positions.length);
    return positions[Math.min(place, positions.length - 1)] as Float32Array;
  };
  const squares = Float64Array.from({ length: PAIRS }, () => {
    const [a, b] = [draw(), draw()];
    return a.reduce((sum, value, c) => sum + (value - (b[c] as number)) ** 2, 0);
  }).sort();
  return Math.max(squares[PAIRS / 2] as number, SMALLEST_BANDWIDTH * energy);
}

export function prepareGaussianMmd(style: MeasuredLayer) {
  const waves = drawWaves(style);
  const count = waves.phases.length;
  const frequencies = tf.tensor2d(waves.frequencies, [count, style.channels]);
  const phases = tf.tensor1d(waves.phases);
  const target = tf.tensor1d(waves.means);
  return {
    compare: (features: tf.Tensor4D, shares: Shares): Term => {
      const flat = flatten(features);
      const angles = tf.add<tf.Tensor2D>(tf.matMul(flat, frequencies, false, true), phases);
      const difference = tf.sub<tf.Tensor1D>(tf.sum(tf.mul(tf.cos(angles), shares), 0), target);
      const slope = tf.matMul(
        tf.mul<tf.Tensor2D>(tf.sin(angles), shares),
        tf.mul(frequencies, tf.reshape(difference, [-1, 1])),
      );
      return {
        value: tf.mul(tf.sum(tf.square(difference)), 2 / count) as tf.Scalar,
        gradient: tf.reshape(tf.mul(slope, -4 / count), features.shape),
      };
    },
    dispose: () => tf.dispose([frequencies, phases, target]),
  };
}
