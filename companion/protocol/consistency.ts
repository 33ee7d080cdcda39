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

/** Rules of thumb; nobody was asked what looks even. */
const STEPS = [
  { below: 0.08, words: "very even" },
  { below: 0.2, words: "even" },
  { below: 0.4, words: "uneven" },
] as const;

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

/** "Style even over 12 results (spread 11 %)". */
export function consistencyWords({ results, spread }: Consistency): string {
  const { words } = STEPS.find(({ below }) => spread < below) ?? { words: "very uneven" };
  return `Style ${words} over ${results} results (spread ${Math.round(100 * spread)} %)`;
}
