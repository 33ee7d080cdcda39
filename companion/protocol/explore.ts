// The small variations around given settings that explore paints, in the panel and from the command line: two things vary,
// one by row and one by column. Not the noise: pictures that begin from their content hardly differ by it.

import { ImpastoError } from "./errors.ts";
import { SETTINGS, type Settings } from "./settings.ts";

export const GRIDS = ["strokes", "layers", "styles"] as const;
export type Grid = (typeof GRIDS)[number];

export interface Variation {
  settings: Partial<Settings>;
  /** Which of the styles; null: all of them. */
  style: number | null;
}

/** Styles times three strengths: twelve cells are what a person looks through. */
const MAX_STYLES = 4;

/** Rows of a grid, each of the same length. */
export function variationsOf(grid: Grid, settings: Settings, styles: number): Variation[][] {
  const strengths = strengthsAround(settings.strength);
  switch (grid) {
    case "strokes":
      return strengths.map((strength) =>
        strokesAround(settings.styleScale).map((styleScale) => ({ settings: { strength, styleScale }, style: null })),
      );
    // Gatys, Ecker & Bethge 2016, Fig. 3: from the first layer alone to all of them.
    case "layers":
      return strengths.map((strength) =>
        [1, 2, 3, SETTINGS.styleLayers.default.length].map((count) => ({
          settings: { strength, styleLayers: SETTINGS.styleLayers.default.slice(0, count) },
          style: null,
        })),
      );
    case "styles":
      if (styles > MAX_STYLES) {
        throw new ImpastoError("bad-request", `A sheet has room for ${MAX_STYLES} styles; these are ${styles}.`);
      }
      return strengths.map((strength) =>
        Array.from({ length: styles }, (_, style) => ({ settings: { strength }, style })),
      );
  }
}

/** A third and three times the odds: steps that look alike anywhere on the slider. */
function strengthsAround(strength: number): number[] {
  const within = Math.min(97, Math.max(3, strength));
  const odds = within / (100 - within);
  return [odds / 3, odds, odds * 3].map((x) => Math.round((100 * x) / (1 + x)));
}

function strokesAround(styleScale: number): number[] {
  const { min, max } = SETTINGS.styleScale;
  return [0.5, 1, 2].map((factor) => Number(Math.min(max, Math.max(min, factor * styleScale)).toFixed(2)));
}
