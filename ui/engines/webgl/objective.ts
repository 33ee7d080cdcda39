// The objective of one scale: value and gradient of
//   content · Σ content losses + style · (Σ style losses) / layers + tv · total variation
// with respect to the pixels. Features run on the GPU, total variation on the pixels.

import * as tf from "@tensorflow/tfjs-core";
import type { Losses } from "../../../companion/protocol/engine.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import type { InterleavedImage } from "./image.ts";
import { contentLoss, type Moments, moments, prepareStyleTarget, type StyleTarget, styleLoss } from "./losses.ts";
import { totalVariation } from "./total-variation.ts";
import { backward, forward, type Vgg } from "./vgg.ts";

/** Weights of the terms; may change between two evaluations. */
export interface Weights {
  content: number;
  style: number;
  tv: number;
  /** One for each content and style layer. */
  contentLayers: readonly number[];
  styleLayers: readonly number[];
}

/** Moments of a style picture by layer, kept on the CPU so that they outlive a lost context. */
export type MeasuredStyle = ReadonlyMap<string, { channels: number; mean: Float32Array; gram: Float32Array }>;

export interface Evaluation {
  losses: Losses;
  /** [H, W, 3] */
  gradient: Float32Array;
}

export interface Objective {
  evaluate(pixels: Float32Array, weights: Weights): Promise<Evaluation>;
  dispose(): void;
}

type LayerSettings = Pick<Settings, "styleLayers" | "contentLayers" | "styleLoss" | "tv">;

/** Raw moments of every style layer. */
export async function measureStyle(
  vgg: Vgg,
  style: InterleavedImage,
  layers: readonly string[],
): Promise<MeasuredStyle> {
  const tensors = tf.tidy(() => {
    const { features } = forward(vgg, toTensor(style.data, style));
    return layers.map((layer) => ({ layer, ...moments(features.get(layer) as tf.Tensor4D) }));
  });
  const measured = new Map<string, { channels: number; mean: Float32Array; gram: Float32Array }>();
  for (const { layer, mean, gram } of tensors) {
    measured.set(layer, {
      channels: mean.size,
      mean: (await mean.data()) as Float32Array,
      gram: (await gram.data()) as Float32Array,
    });
    tf.dispose([mean, gram]);
  }
  return measured;
}

/** Weighted average of raw moments. */
export function blendStyles(styles: readonly { measured: MeasuredStyle; weight: number }[]): MeasuredStyle {
  const sum = styles.reduce((total, { weight }) => total + weight, 0);
  const blended = new Map<string, { channels: number; mean: Float32Array; gram: Float32Array }>();
  for (const { measured, weight } of styles) {
    for (const [layer, { channels, mean, gram }] of measured) {
      const into = blended.get(layer) ?? {
        channels,
        mean: new Float32Array(mean.length),
        gram: new Float32Array(gram.length),
      };
      mean.forEach((x, i) => {
        into.mean[i] = (into.mean[i] as number) + (x * weight) / sum;
      });
      gram.forEach((x, i) => {
        into.gram[i] = (into.gram[i] as number) + (x * weight) / sum;
      });
      blended.set(layer, into);
    }
  }
  return blended;
}

/** Targets are uploaded once; the caller disposes the objective, the Vgg stays. */
export function openObjective(
  vgg: Vgg,
  content: InterleavedImage,
  style: MeasuredStyle,
  settings: LayerSettings,
): Objective {
  const { styleLayers, contentLayers } = settings;
  const size = { width: content.width, height: content.height };
  const contentTargets = tf.tidy(() => {
    const { features } = forward(vgg, toTensor(content.data, size));
    return contentLayers.map((layer) => tf.clone(features.get(layer) as tf.Tensor4D));
  });
  const styleTargets = styleLayers.map((layer) => uploadStyle(settings.styleLoss, style, layer));

  /** One download for everything: the terms, then the gradient. */
  function run(pixels: Float32Array, weights: Weights): tf.Tensor1D {
    return tf.tidy(() => {
      const activations = forward(vgg, toTensor(pixels, size));
      const values: tf.Tensor[] = [];
      const atLayers = new Map<string, tf.Tensor4D>();
      const add = (layer: string, gradient: tf.Tensor4D): void => {
        const before = atLayers.get(layer);
        atLayers.set(layer, before === undefined ? gradient : tf.add(before, gradient));
      };
      contentLayers.forEach((layer, i) => {
        const features = activations.features.get(layer) as tf.Tensor4D;
        const { value, gradient } = contentLoss(features, contentTargets[i] as tf.Tensor4D);
        values.push(value);
        add(layer, tf.mul(gradient, weights.content * (weights.contentLayers[i] as number)));
      });
      styleLayers.forEach((layer, i) => {
        const features = activations.features.get(layer) as tf.Tensor4D;
        const { value, gradient } = styleLoss(features, styleTargets[i] as StyleTarget);
        values.push(value);
        add(layer, tf.mul(gradient, (weights.style * (weights.styleLayers[i] as number)) / styleLayers.length));
      });
      const gradient = backward(vgg, activations, atLayers);
      return tf.concat([...values.map((value) => tf.reshape(value, [1])), tf.reshape(gradient, [-1])]) as tf.Tensor1D;
    });
  }

  return {
    async evaluate(pixels, weights) {
      const packed = run(pixels, weights);
      const numbers = (await packed.data()) as Float32Array;
      packed.dispose();
      const gradient = numbers.slice(contentLayers.length + styleLayers.length);
      const tv = totalVariation(settings.tv, pixels, size, weights.tv, gradient) * weights.tv;
      return { losses: sumLosses(numbers, tv, weights, contentLayers, styleLayers), gradient };
    },
    dispose() {
      tf.dispose(contentTargets);
      for (const target of styleTargets) tf.dispose(Object.values(target).filter((x) => x instanceof tf.Tensor));
    },
  };
}

function sumLosses(
  values: Float32Array,
  tv: number,
  weights: Weights,
  contentLayers: readonly string[],
  styleLayers: readonly string[],
): Losses {
  const losses: Losses = { content: 0, style: 0, tv, total: 0, contentLayers: {}, styleLayers: {} };
  contentLayers.forEach((layer, i) => {
    const value = values[i] as number;
    losses.contentLayers[layer] = value;
    losses.content += weights.content * (weights.contentLayers[i] as number) * value;
  });
  styleLayers.forEach((layer, i) => {
    const value = values[contentLayers.length + i] as number;
    losses.styleLayers[layer] = value;
    losses.style += (weights.style * (weights.styleLayers[i] as number) * value) / styleLayers.length;
  });
  losses.total = losses.content + losses.style + losses.tv;
  return losses;
}

function uploadStyle(kind: Settings["styleLoss"], style: MeasuredStyle, layer: string): StyleTarget {
  const measured = style.get(layer);
  if (measured === undefined) throw new Error(`the style was not measured at ${layer}`);
  const { channels, mean, gram } = measured;
  const uploaded: Moments = { mean: tf.tensor1d(mean), gram: tf.tensor2d(gram, [channels, channels]) };
  const target = prepareStyleTarget(kind, uploaded);
  tf.dispose([uploaded.mean, uploaded.gram]);
  return target;
}

function toTensor(data: Float32Array, { width, height }: { width: number; height: number }): tf.Tensor4D {
  return tf.tensor4d(data, [1, height, width, 3]);
}
