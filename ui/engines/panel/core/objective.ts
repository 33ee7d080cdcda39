// The objective of one scale: value and gradient of
//   content · Σ content losses + style · (Σ style losses) / layers + tv · total variation
// with respect to the pixels. Features run on the GPU, total variation on the pixels.

import * as tf from "@tensorflow/tfjs-core";
import type { Losses } from "../../../../companion/protocol/progress.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { type ContentTarget, featureTerms, PREPARE_CONTENT } from "./content-loss.ts";
import type { InterleavedImage } from "./image.ts";
import { sharesAt } from "./mask.ts";
import { type MeasuredLayer, type MeasuredStyle, uploadAlpha, uploadPixels } from "./measure.ts";
import { type StyleTarget, styleTerms } from "./style-loss.ts";
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
  /** One for each loss of the sum at every layer. */
  contentTerms: readonly number[];
  styleTerms: readonly number[];
}

export interface Evaluation {
  losses: Losses;
  /** Unweighted, of each loss by layer. */
  contentTerms: readonly (readonly number[])[];
  styleTerms: readonly (readonly number[])[];
  /** [H, W, 3] */
  gradient: Float32Array;
}

export interface Objective {
  evaluate(pixels: Float32Array, weights: Weights): Promise<Evaluation>;
  dispose(): void;
}

type LayerSettings = Pick<Settings, "styleLayers" | "contentLayers" | "contentLoss" | "styleLoss" | "tv">;

/** Targets are uploaded once; the caller disposes the objective, the Vgg stays. */
export async function openObjective(
  vgg: Vgg,
  content: InterleavedImage,
  style: MeasuredStyle,
  settings: LayerSettings,
): Promise<Objective> {
  const { styleLayers } = settings;
  const contentLosses = featureTerms(settings).map(({ loss }) => loss);
  const contentLayers = contentLosses.length === 0 ? [] : settings.contentLayers;
  const contentFeatures = tf.tidy(() => {
    const { features } = forward(vgg, uploadPixels(content.data, content));
    return contentLayers.map((layer) => tf.clone(features.get(layer) as tf.Tensor4D));
  });
  const alpha = uploadAlpha(content);
  const contentTargets = await Promise.all(
    contentFeatures.map((map) =>
      Promise.all(contentLosses.map((loss) => PREPARE_CONTENT[loss](map, alpha, settings.styleLoss !== "gram"))),
    ),
  );
  const terms = styleTerms(settings.styleLoss);
  const styleTargets = styleLayers.map((layer) =>
    terms.map(({ prepare }) => prepare(style.get(layer) as MeasuredLayer)),
  );

  /** One download for everything: the terms, then the gradient. */
  function run(pixels: Float32Array, weights: Weights): tf.Tensor1D {
    return tf.tidy(() => {
      const activations = forward(vgg, uploadPixels(pixels, content));
      const values: tf.Tensor[] = [];
      const atLayers = new Map<string, tf.Tensor4D>();
      const add = (layer: string, gradient: tf.Tensor4D): void => {
        const before = atLayers.get(layer);
        atLayers.set(layer, before === undefined ? gradient : tf.add(before, gradient));
      };
      contentLayers.forEach((layer, i) => {
        const features = activations.features.get(layer) as tf.Tensor4D;
        const layerWeight = weights.content * (weights.contentLayers[i] as number);
        (contentTargets[i] as ContentTarget[]).forEach((target, t) => {
          const { value, gradient } = target.compare(features, sharesAt(features, alpha));
          values.push(value);
          add(layer, tf.mul(gradient, layerWeight * (weights.contentTerms[t] as number)));
        });
      });
      styleLayers.forEach((layer, i) => {
        const features = activations.features.get(layer) as tf.Tensor4D;
        const shares = sharesAt(features, alpha);
        const layerWeight = (weights.style * (weights.styleLayers[i] as number)) / styleLayers.length;
        (styleTargets[i] as StyleTarget[]).forEach((target, t) => {
          const { value, gradient } = target.compare(features, shares);
          values.push(value);
          add(layer, tf.mul(gradient, layerWeight * (weights.styleTerms[t] as number)));
        });
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
      const contentValues = contentLayers.length * contentLosses.length;
      const gradient = numbers.slice(contentValues + styleLayers.length * terms.length);
      const tv = totalVariation(settings.tv, pixels, content, weights.tv, gradient) * weights.tv;
      const at = (i: number) => numbers[i] as number;
      const contentTerms = contentLosses.map((_, t) => contentLayers.map((_, i) => at(i * contentLosses.length + t)));
      const styleTerms = terms.map((_, t) => styleLayers.map((_, i) => at(contentValues + i * terms.length + t)));
      const losses = sumLosses({ contentTerms, styleTerms }, tv, weights, contentLayers, styleLayers);
      return { losses, contentTerms, styleTerms, gradient };
    },
    dispose() {
      tf.dispose(contentFeatures);
      alpha?.dispose();
      for (const target of contentTargets.flat()) target.dispose();
      for (const target of styleTargets.flat()) target.dispose();
    },
  };
}

function sumLosses(
  { contentTerms, styleTerms }: Pick<Evaluation, "contentTerms" | "styleTerms">,
  tv: number,
  weights: Weights,
  contentLayers: readonly string[],
  styleLayers: readonly string[],
): Losses {
  const losses: Losses = { content: 0, style: 0, tv, total: 0, contentLayers: {}, styleLayers: {} };
  contentLayers.forEach((layer, i) => {
    const value = weighted(contentTerms, weights.contentTerms, i);
    losses.contentLayers[layer] = value;
    losses.content += weights.content * (weights.contentLayers[i] as number) * value;
  });
  styleLayers.forEach((layer, i) => {
    const value = weighted(styleTerms, weights.styleTerms, i);
    losses.styleLayers[layer] = value;
    losses.style += (weights.style * (weights.styleLayers[i] as number) * value) / styleLayers.length;
  });
  losses.total = losses.content + losses.style + losses.tv;
  return losses;
}

/** The sum of a layer's losses. */
function weighted(terms: readonly (readonly number[])[], weights: readonly number[], layer: number): number {
  return terms.reduce((sum, term, t) => sum + (weights[t] as number) * (term[layer] as number), 0);
}
