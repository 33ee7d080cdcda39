// Self-similarity loss of one layer (Kolkin, Salavon & Shakhnarovich 2019, eq. 7), as native/objective/self_similarity:
// how far each place of the picture is from each other one, by the cosine of their features, is as in the content.

import * as tf from "@tensorflow/tfjs-core";
import { flatten, type Term } from "./loss.ts";
import { type Shares, sharesAt } from "./mask.ts";
import { spreadPositions } from "./positions.ts";

type Map4 = tf.Tensor4D;

/** Distances grow with its square. */
const SAMPLE = 512;
/** Added to a column's sum for each of its rows: where all features are alike there is nothing to be relative to. */
const FLAT = 1e-3;
/** Added to the square of a feature's length. */
const DARK = 1e-8;

export interface SelfSimilarity {
  /** The mean over columns of Σ |A − target|, 0 … 2. Within the caller's tidy(). */
  compare(features: Map4): Term;
  dispose(): void;
}

/** `alpha`: of the picture, or null, as in mask.ts. */
export function selfSimilarity(content: Map4, alpha: Map4 | null): SelfSimilarity {
  const plane = content.shape[1] * content.shape[2];
  const positions = spreadPositions(plane, SAMPLE);
  const inverse = new Int32Array(plane).fill(positions.length);
  positions.forEach((position, i) => {
    inverse[position] = i;
  });
  const counts = alpha === null ? null : tf.tidy(() => sampledCounts(sharesAt(content, alpha), positions));
  const target = tf.tidy(() => distancesOf(content, positions, counts).share);
  return {
    compare: (features) => compare(features, positions, inverse, target, counts),
    dispose() {
      target.dispose();
      counts?.dispose();
    },
  };
}

/** [n, 1], with n as their sum. */
function sampledCounts(shares: Shares, positions: Int32Array): tf.Tensor2D {
  if (typeof shares === "number") return tf.ones([positions.length, 1]);
  const sampled = tf.gather(shares, tf.tensor1d(positions, "int32"));
  return tf.div(sampled, tf.add(tf.div(tf.sum(sampled), positions.length), Number.EPSILON));
}

interface Distances {
  /** [n, C] */
  unit: tf.Tensor2D;
  /** [n, 1] */
  length: tf.Tensor2D;
  /** [1, n] */
  column: tf.Tensor2D;
  /** Distances, each column divided by its sum: [n, n]. */
  share: tf.Tensor2D;
}

function distancesOf(features: Map4, positions: Int32Array, counts: tf.Tensor2D | null): Distances {
  const x = tf.gather(flatten(features), tf.tensor1d(positions, "int32"));
  const length = tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), DARK)) as tf.Tensor2D;
  const unit = tf.div<tf.Tensor2D>(x, length);
  const plain = tf.sub<tf.Tensor2D>(1, tf.matMul(unit, unit, false, true));
  const distance = counts === null ? plain : tf.mul<tf.Tensor2D>(plain, counts);
  const column = tf.add<tf.Tensor2D>(tf.sum(distance, 0, true), FLAT * positions.length);
  return { unit, length, column, share: tf.div(distance, column) };
}

function compare(
  features: Map4,
  positions: Int32Array,
  inverse: Int32Array,
  target: tf.Tensor2D,
  counts: tf.Tensor2D | null,
): Term {
  const { unit, length, column, share } = distancesOf(features, positions, counts);
  const count = (matrix: tf.Tensor2D, along: tf.Tensor2D | null) =>
    along === null ? matrix : tf.mul<tf.Tensor2D>(matrix, along);
  const row = counts === null ? null : tf.transpose(counts);
  const difference = tf.sub<tf.Tensor2D>(share, target);
  const value = tf.div(tf.sum(count(tf.abs(difference), row)), positions.length) as tf.Scalar;

  // Of |·|: its sign. Then back through the division, the cosine and the length.
  const atShare = count(tf.sign(difference), row);
  const common = tf.sum(tf.mul(atShare, share), 0, true);
  const atDistance = count(tf.div(tf.sub(atShare, common), column), counts);
  const minusAtUnit = tf.matMul(tf.add<tf.Tensor2D>(atDistance, tf.transpose(atDistance)), unit);
  const along = tf.sum(tf.mul(unit, minusAtUnit), 1, true);
  const atSample = tf.div<tf.Tensor2D>(tf.sub(tf.mul(unit, along), minusAtUnit), tf.mul(length, positions.length));
  // Positions outside the sample take the row of zeros behind it.
  const extended = tf.concat([atSample, tf.zeros([1, unit.shape[1]])]);
  const everywhere = tf.gather(extended, tf.tensor1d(inverse, "int32"));
  return { value, gradient: tf.reshape(everywhere, features.shape) };
}
