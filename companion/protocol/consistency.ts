// How evenly a batch carries its style: the spread of the results' distances from it, in words for designers.

export interface Consistency {
  /** Results that were measured. */
  results: number;
  /** Mean distance from the style: 0 has the style's own statistics, 1 is as far from them as plain gray. */
  mean: number;
  /** Standard deviation, as a share of the mean. */
  spread: number;
  /** Place of the result that differs most from the mean. */
  oddest: number;
}

/**
 * Empirical: spreads of six quick pictures of 192 px each, in The Starry Night, at one strength of 20, 50 and 80 (embedded
 * network, CPU), beside what one sees:
 *
 * | frames | spread, % | seen |
 * |---|---|---|
 * | six parts of one photo | 4.8, 3.2, 3.4 | alike |
 * | three parts each of two photos | 7.6, 6.2, 6.6 | one look, another subject |
 * | parts of one photo, two at each strength | 9.9 | two or three steps of one look |
 * | parts of two photos, two at each strength | 16.6 | the same |
 * | four paintings and photos, two flat screens | 19.6, 12.7, 16.6 | the screens stand apart |
 * | the same, one of the screens at strength 20 instead of 50 | 24.2 | that one does as well |
 *
 * In The Scream the first row is 2.1, 1.9, 2.4, the second 2.8 at 20. The steps lie between the rows. Other styles and sizes move them: they are words, not a measure.
 */
const STEPS = [
  { below: 0.055, words: "look alike in style" },
  { below: 0.09, words: "are close in style" },
  { below: 0.18, words: "differ in style" },
] as const;
const MOST = "differ much in style";
/** From this on one result stands out enough to be painted again at a strength of its own. */
const UNEVEN = STEPS[1].below;

/** Null for fewer than three that were measured: there is nothing to be even with. */
export function consistencyOf(distances: readonly (number | null | undefined)[]): Consistency | null {
  const known = distances.flatMap((distance, at) => (distance == null ? [] : [{ at, distance }]));
  if (known.length < 3) return null;
  const mean = known.reduce((sum, { distance }) => sum + distance, 0) / known.length;
  const off = (distance: number) => Math.abs(distance - mean);
  const deviation = Math.sqrt(known.reduce((sum, { distance }) => sum + off(distance) ** 2, 0) / known.length);
  const [oddest] = [...known].sort((one, other) => off(other.distance) - off(one.distance));
  return { results: known.length, mean, spread: mean > 0 ? deviation / mean : 0, oddest: oddest?.at ?? 0 };
}

/** "12 results are close in style". */
export function evennessWords({ results, spread }: Consistency): string {
  const { words } = STEPS.find(({ below }) => spread < below) ?? { words: MOST };
  return `${results} results ${words}`;
}

export function isUneven({ spread }: Consistency): boolean {
  return spread >= UNEVEN;
}

/** "spread 11 %". */
export function spreadWords({ spread }: Consistency): string {
  return `spread ${Math.round(100 * spread)} %`;
}
