// What a designer's strength means to the optimizer, the same in every engine.

/** Empirical, at strength 50 (test/bench/quality.ts): the style term's weight with the content term's at 1. */
const STYLE_TO_CONTENT = 6;
/** Slope of the slider on a logarithmic scale at its middle; empirical. */
const SLOPE = 1.5;
/** At 100 the content would count for nothing at all. */
const FULL = 99.5;

/** Weight of the style term when the content term's is 1, both losses relative: 0 at strength 0, large at 100. */
export function styleToContentRatio(strength: number): number {
  const share = Math.min(strength, FULL);
  return STYLE_TO_CONTENT * (share / (100 - share)) ** SLOPE;
}
