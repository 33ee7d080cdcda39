// From strength to weights, as native/optimize/balance: each loss is divided by what it is at the other extreme, the content
// loss by that of the bare style picture, each style loss by that of the bare content. So strength means the same
// on every pair of pictures and at every size.

import { contentTermsOf, heldTimes } from "../../../../companion/protocol/content-terms.ts";
import { SETTINGS, type Settings } from "../../../../companion/protocol/settings.ts";
import {
  draftStyleToContentRatio,
  polishStyleToContentRatio,
  styleToContentRatio,
} from "../../../../companion/protocol/strength.ts";
import { parseTerms, type Term } from "../../../../companion/protocol/terms.ts";
import { featureTerms } from "./content-loss.ts";
import type { Objective, Weights } from "./objective.ts";

/** What strength means to the optimizer, by what it makes: a picture, or what of a quick picture. */
const RATIOS = {
  picture: styleToContentRatio,
  draft: draftStyleToContentRatio,
  polish: polishStyleToContentRatio,
} as const satisfies Record<string, (strength: number) => number>;

export type Part = keyof typeof RATIOS;

/** Losses at the two extremes, by layer for each loss of the sum. */
export interface Yardstick {
  /** Of the style picture. */
  contentTerms: readonly (readonly number[])[];
  /** Of the content picture. */
  styleTerms: readonly (readonly number[])[];
}

/** Two evaluations. `reference` is the style picture at the content's size. */
export async function measureYardstick(
  objective: Objective,
  content: Float32Array,
  reference: Float32Array,
  settings: Pick<Settings, "contentLayers" | "styleLayers" | "contentLoss" | "detail" | "styleLoss">,
): Promise<Yardstick> {
  const ones: Weights = {
    content: 1,
    style: 1,
    tv: 0,
    contentLayers: settings.contentLayers.map(() => 1),
    styleLayers: settings.styleLayers.map(() => 1),
    contentTerms: featureTerms(settings).map(() => 1),
    styleTerms: styleTermsOf(settings).map(() => 1),
  };
  const { contentTerms } = await objective.evaluate(reference, ones);
  const { styleTerms } = await objective.evaluate(content, ones);
  return { contentTerms, styleTerms };
}

/** Pictures that are alike have nothing to divide by. */
export const SMALLEST_LOSS = 1e-8;

/** Weights set by hand take the place of those from strength. */
export function balance(settings: Settings, yardstick: Yardstick, part: Part): Weights {
  const contentLayers = settings.contentLayerWeights ?? settings.contentLayers.map(() => 1);
  const styleLayers = settings.styleLayerWeights ?? settings.styleLayers.map(() => 1);
  const ofFeatures = featureTerms(settings);
  const ofStyle = styleTermsOf(settings);
  const content = balanceTerms(
    ofFeatures,
    contentLayers,
    yardstick.contentTerms,
    sumOfWeights(contentTermsOf(settings)),
  );
  const style = balanceTerms(ofStyle, styleLayers, yardstick.styleTerms, sumOfWeights(ofStyle));
  const byHand = (terms: readonly Term[]) => terms.map(({ weight }) => weight);
  return {
    content: settings.contentWeight ?? 1 / content.size,
    style:
      settings.styleWeight ??
      (RATIOS[part](settings.strength) / heldTimes(settings)) * (styleLayers.length / style.size),
    tv: settings.tvWeight,
    contentLayers,
    styleLayers,
    contentTerms: settings.contentWeight === null ? content.terms : byHand(ofFeatures),
    styleTerms: settings.styleWeight === null ? style.terms : byHand(ofStyle),
  };
}

/**
 * Terms of one kind, layers weighed together: each becomes as large as the first at the other extreme, times its share of
 * `all`. `size` is the first's there.
 */
function balanceTerms(
  terms: readonly Term[],
  layers: readonly number[],
  yardstick: readonly (readonly number[])[],
  all: number,
): { terms: number[]; size: number } {
  const sizes = yardstick.map((term) => Math.max(SMALLEST_LOSS, sumOfProducts(layers, term)));
  const size = sizes[0] ?? 1;
  return { terms: terms.map(({ weight }, t) => (weight * size) / (sizes[t] as number) / all), size };
}

function styleTermsOf({ styleLoss }: Pick<Settings, "styleLoss">): readonly Term[] {
  return parseTerms(styleLoss, SETTINGS.styleLoss.choices);
}

export function sumOfWeights(terms: readonly Term[]): number {
  return terms.reduce((sum, { weight }) => sum + weight, 0);
}

function sumOfProducts(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
