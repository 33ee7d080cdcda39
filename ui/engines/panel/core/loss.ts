// What the GPU has of a loss of one layer.

import * as tf from "@tensorflow/tfjs-core";

/** A loss term: its value as a scalar and dL/dF as [1, h, w, C]. */
export interface Term {
  value: tf.Scalar;
  gradient: tf.Tensor4D;
}

/** [1, h, w, C] → [h·w, C]; a view. */
export function flatten(features: tf.Tensor4D): tf.Tensor2D {
  return tf.reshape(features, [features.shape[1] * features.shape[2], features.shape[3]]);
}
