// What a designer's strength means to the optimizer, the same in every engine.

/** Empirical, at strength 50 (test/bench/quality.ts): the style term's weight with the content term's at 1. */
const STYLE_TO_CONTENT = 6;
/** Slope of the slider on a logarithmic scale at its middle; empirical. */
const SLOPE = 1.5;
/** At 100 the content would count for nothing at all. */
const FULL = 99.5;

/**
 * Quick pictures, polished or not, take so many times the odds of strength: at 50 they come as far towards the style as the
 * content's distance allows (test/bench/RESULTS.md).
 */
const QUICK_ODDS = 1.95;
/** Their draft descends for a few updates only: it takes so many times their odds to come as far as the polish does. */
const DRAFT_ODDS = 4;
/** No detail goes further than twice the way to the style's statistics. */
const FURTHEST = 2;

/** Weight of the style term when the content term's is 1, both losses relative: 0 at strength 0, large at 100. */
export function styleToContentRatio(strength: number): number {
  return ratioAt(oddsOf(strength));
}

/** The same of what polishes a quick picture. */
export function polishStyleToContentRatio(strength: number): number {
  return ratioAt(QUICK_ODDS * oddsOf(strength));
}

/** The same of a quick picture's draft. */
export function draftStyleToContentRatio(strength: number): number {
  return ratioAt(DRAFT_ODDS * QUICK_ODDS * oddsOf(strength));
}

function oddsOf(strength: number): number {
  const share = Math.min(strength, FULL);
  return share / (100 - share);
}

function ratioAt(odds: number): number {
  return STYLE_TO_CONTENT * odds ** SLOPE;
}

/**
 * How much of the way to the style's statistics a quick picture's detail goes: in proportion to the odds, so that a little
 * is a little, up to all of it, and from there smoothly beyond, since what is painted falls short of what it aims at.
 */
export function detailShare(strength: number): number {
  const odds = QUICK_ODDS * oddsOf(strength);
  return odds <= 1 ? odds : FURTHEST - 1 / odds;
}

/** What quick pictures were asked for by `strength` in recipes of version 3, in today's settings. */
export function fromVersion3(strength: number): { strength: number; carryShare: number } {
  const odds = oddsOf(strength);
  return { strength: strengthAt(odds / QUICK_ODDS), carryShare: Math.min(1, odds) };
}

/** The strength of version 3 that gave a quick picture what `strength` gave it in version 2: four times the odds less. */
export function fromVersion2(strength: number): number {
  return strengthAt(strength / (100 - strength) / DRAFT_ODDS);
}

function strengthAt(odds: number): number {
  return Number.isFinite(odds) ? (100 * odds) / (1 + odds) : 100;
}
