// Terms of a run's objective that compare pixels with the content's, not features, as native/optimize/pixel_terms: each
// relative to what it is where the bare style stands in the content's place.

import { contentTermsOf } from "../../../../companion/protocol/content-terms.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import type { Size } from "../../../../companion/protocol/sizing.ts";
import { SMALLEST_LOSS, sumOfWeights } from "./balance.ts";
import { laplacianLoss } from "./laplacian-loss.ts";

/** The weighted sum at `pixels`, [H, W, 3]; its gradient is added. */
export type PixelTerms = (pixels: Float32Array, settings: Settings, gradient: Float32Array) => number;

/** `content` and `reference`, a picture of the style: [H, W, 3] of one size. */
export function openPixelTerms(
  settings: Settings,
  content: Float32Array,
  reference: Float32Array,
  size: Size,
): PixelTerms {
  const terms = contentTermsOf(settings);
  const term = terms.find(({ loss }) => loss === "laplacian");
  if (term === undefined) return () => 0;
  const laplacian = laplacianLoss(content, size);
  const ofStyle = Math.max(SMALLEST_LOSS, laplacian.add(reference, 0, new Float32Array(reference.length)));
  const share = term.weight / sumOfWeights(terms) / ofStyle;
  return (pixels, { contentWeight }, gradient) => {
    const weight = contentWeight === null ? share : contentWeight * term.weight;
    return weight * laplacian.add(pixels, weight, gradient);
  };
}
