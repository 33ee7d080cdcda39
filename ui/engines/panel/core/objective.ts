// The objective of one scale: value and gradient of
//   content · Σ content losses + style · (Σ style losses) / layers + tv · total variation
// with respect to the pixels. Features run on the GPU, total variation on the pixels. Where styles have regions, each has a
// loss of its own at every layer that it is large enough for, by its share of what counts.

import * as tf from "@tensorflow/tfjs-core";
import { blockOf } from "../../../../companion/protocol/layers.ts";
import type { Mask } from "../../../../companion/protocol/mask.ts";
import type { Losses } from "../../../../companion/protocol/progress.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { type ContentTarget, featureTerms, PREPARE_CONTENT } from "./content-loss.ts";
import type { InterleavedImage } from "./image.ts";
import { blockAreas, FEWEST_POSITIONS, sharesAt } from "./mask.ts";
import { type MeasuredLayer, type MeasuredStyle, uploadAlpha, uploadMask, uploadPixels } from "./measure.ts";
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

type LayerSettings = Pick<Settings, "styleLayers" | "contentLayers" | "contentLoss" | "detail" | "styleLoss" | "tv">;

/** A style, or several as one, in a part of the picture. */
export interface StyleRegion {
  /** Of the content's size; null: everywhere. */
  mask: Mask | null;
  /** Without the layers that the part is too small for. */
  style: MeasuredStyle;
}

/** A style layer in a region. */
interface Place {
  region: number;
  /** Of the positions that count. */
  share: number;
  /** One for each loss of the sum. */
  targets: readonly StyleTarget[];
}

/** Targets are uploaded once; the caller disposes the objective, the Vgg stays. */
export async function openObjective(
  vgg: Vgg,
  content: InterleavedImage,
  regions: readonly StyleRegion[],
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
  const masks = regions.map(({ mask }) => (mask === null ? alpha : uploadMask(mask)));
  const places = placesOf(content, regions, styleLayers, (style) => terms.map(({ prepare }) => prepare(style)));

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
        const layerWeight = (weights.style * (weights.styleLayers[i] as number)) / styleLayers.length;
        for (const { region, share, targets } of places[i] as Place[]) {
          const shares = sharesAt(features, masks[region] ?? null);
          targets.forEach((target, t) => {
            const { value, gradient } = target.compare(features, shares);
            values.push(value);
            add(layer, tf.mul(gradient, layerWeight * share * (weights.styleTerms[t] as number)));
          });
        }
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
      const at = (i: number) => numbers[i] as number;
      const contentTerms = contentLosses.map((_, t) => contentLayers.map((_, i) => at(i * contentLosses.length + t)));
      let next = contentLayers.length * contentLosses.length;
      /** By layer: of each loss of the sum what the regions have of it, and how large they are together. */
      const layers = places.map((parts) => {
        const sums = terms.map(() => 0);
        for (const { share } of parts) for (const t of sums.keys()) sums[t] = (sums[t] as number) + share * at(next++);
        return { sums, share: parts.reduce((sum, { share }) => sum + share, 0) };
      });
      const gradient = numbers.slice(next);
      const tv = totalVariation(settings.tv, pixels, content, weights.tv, gradient) * weights.tv;
      const styleTerms = terms.map((_, t) =>
        layers.map(({ sums, share }) => (share > 0 ? (sums[t] as number) / share : 0)),
      );
      const shares = layers.map(({ share }) => share);
      const losses = sumLosses({ contentTerms, styleTerms }, shares, tv, weights, contentLayers, styleLayers);
      return { losses, contentTerms, styleTerms, gradient };
    },
    dispose() {
      tf.dispose(contentFeatures);
      alpha?.dispose();
      for (const target of contentTargets.flat()) target.dispose();
      for (const [region, { mask }] of regions.entries()) if (mask !== null) masks[region]?.dispose();
      for (const { targets } of places.flat()) for (const target of targets) target.dispose();
    },
  };
}

/** By layer, those regions that are large enough for it; a style that goes everywhere always is. */
function placesOf(
  content: InterleavedImage,
  regions: readonly StyleRegion[],
  styleLayers: readonly string[],
  prepare: (style: MeasuredLayer) => StyleTarget[],
): Place[][] {
  const { width, height } = content;
  const whole = content.alpha ?? new Float32Array(width * height).fill(1);
  const all = blockAreas({ width, height, channels: 1, data: whole });
  const areas = regions.map(({ mask }) => (mask === null ? all : blockAreas(mask)));
  return styleLayers.map((layer) =>
    regions.flatMap(({ mask, style }, region) => {
      const area = areas[region]?.[blockOf(layer) - 1] as number;
      const measured = style.get(layer);
      if (measured === undefined || (mask !== null && area < FEWEST_POSITIONS)) return [];
      return [{ region, share: area / (all[blockOf(layer) - 1] as number), targets: prepare(measured) }];
    }),
  );
}

function sumLosses(
  { contentTerms, styleTerms }: Pick<Evaluation, "contentTerms" | "styleTerms">,
  /** By style layer: how much of what counts has a style there. */
  shares: readonly number[],
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
    const weight = weights.style * (weights.styleLayers[i] as number) * (shares[i] as number);
    losses.style += (weight * value) / styleLayers.length;
  });
  losses.total = losses.content + losses.style + losses.tv;
  return losses;
}

/** The sum of a layer's losses. */
function weighted(terms: readonly (readonly number[])[], weights: readonly number[], layer: number): number {
  return terms.reduce((sum, term, t) => sum + (weights[t] as number) * (term[layer] as number), 0);
}
