// From strength to weights, as native/optimize/balance: each loss is divided by what it is at the other extreme, the content
// loss by that of the bare style picture, each style loss by that of the bare content. So strength means the same
// on every pair of pictures and at every size.

import { SETTINGS, type Settings } from "../../../../companion/protocol/settings.ts";
import { styleToContentRatio } from "../../../../companion/protocol/strength.ts";
import { parseTerms } from "../../../../companion/protocol/terms.ts";
import type { Objective, Weights } from "./objective.ts";

/** Losses by layer at the two extremes. */
export interface Yardstick {
  /** Of the style picture. */
  contentLayers: readonly number[];
  /** Of the content picture, by layer for each loss of the sum. */
  styleTerms: readonly (readonly number[])[];
}

/** Two evaluations. `reference` is the style picture at the content's size. */
export async function measureYardstick(
  objective: Objective,
  content: Float32Array,
  reference: Float32Array,
  settings: Pick<Settings, "contentLayers" | "styleLayers" | "styleLoss">,
): Promise<Yardstick> {
  const { contentLayers, styleLayers } = settings;
  const ones: Weights = {
    content: 1,
    style: 1,
    tv: 0,
    contentLayers: contentLayers.map(() => 1),
    styleLayers: styleLayers.map(() => 1),
    styleTerms: sharesOf(settings).map(() => 1),
  };
  const ofStyle = (await objective.evaluate(reference, ones)).losses;
  const { styleTerms } = await objective.evaluate(content, ones);
  return {
    contentLayers: contentLayers.map((layer) => ofStyle.contentLayers[layer] as number),
    styleTerms,
  };
}

/** Pictures that are alike have nothing to divide by. */
const SMALLEST_LOSS = 1e-8;

/** Weights set by hand take the place of those from strength. */
export function balance(settings: Settings, yardstick: Yardstick): Weights {
  const contentLayers = settings.contentLayerWeights ?? settings.contentLayers.map(() => 1);
  const styleLayers = settings.styleLayerWeights ?? settings.styleLayers.map(() => 1);
  const content = Math.max(SMALLEST_LOSS, sumOfProducts(contentLayers, yardstick.contentLayers));
  const sizes = yardstick.styleTerms.map((term) =>
    Math.max(SMALLEST_LOSS, sumOfProducts(styleLayers, term) / styleLayers.length),
  );
  const first = sizes[0] as number;
  const shares = sharesOf(settings);
  const sum = shares.reduce((a, b) => a + b, 0);
  // Each term as large as the first where the content stands unpainted, times its share of the sum.
  const balanced = shares.map((share, t) => (share * first) / (sizes[t] as number) / sum);
  return {
    content: settings.contentWeight ?? 1 / content,
    style: settings.styleWeight ?? styleToContentRatio(settings.strength) / first,
    tv: settings.tvWeight,
    contentLayers,
    styleLayers,
    styleTerms: settings.styleWeight === null ? balanced : shares,
  };
}

function sharesOf({ styleLoss }: Pick<Settings, "styleLoss">): number[] {
  return parseTerms(styleLoss, SETTINGS.styleLoss.choices).map(({ weight }) => weight);
}

function sumOfProducts(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
