// What a designer's strength means to the optimizer, the same in every engine.

/** Empirical, at strength 50 (test/bench/quality.ts): the style term's weight with the content term's at 1. */
const STYLE_TO_CONTENT = 6;
/** Slope of the slider on a logarithmic scale at its middle; empirical. */
const SLOPE = 1.5;
/** At 100 the content would count for nothing at all. */
const FULL = 99.5;

/**
 * A quick picture's draft descends for a few updates only: it takes so many times the odds of strength to come as far as
 * the optimizer does. Strength 50 is the look that the detailer was judged at (native/networks/README.md).
 */
const QUICK_ODDS = 4;

/** Weight of the style term when the content term's is 1, both losses relative: 0 at strength 0, large at 100. */
export function styleToContentRatio(strength: number): number {
  return ratioAt(oddsOf(strength));
}

/** The same of a quick picture's draft. */
export function draftStyleToContentRatio(strength: number): number {
  return ratioAt(QUICK_ODDS * oddsOf(strength));
}

function oddsOf(strength: number): number {
  const share = Math.min(strength, FULL);
  return share / (100 - share);
}

function ratioAt(odds: number): number {
  return STYLE_TO_CONTENT * odds ** SLOPE;
}

/**
 * Which share of the style's statistics a quick picture's detail carries: all of them from strength 50 on, the look that
 * the detailer was judged at; less in proportion to the odds below, so that a little is a little.
 */
export function detailShare(strength: number): number {
  return Math.min(1, strength / Math.max(1, 100 - strength));
}

/** The strength that gives a quick picture what `strength` gave it before quick pictures had odds of their own. */
export function quickStrengthOf(strength: number): number {
  return (100 * strength) / (100 * QUICK_ODDS - (QUICK_ODDS - 1) * strength);
}
