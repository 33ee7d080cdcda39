// A sample of a layer's positions, for what grows with their number, as native/objective/positions: the same in every
// picture of a size.

/** At most `most` of `count` positions, spread over all of them, in their order. */
export function spreadPositions(count: number, most: number): Int32Array {
  const kept = Math.min(count, most);
  return Int32Array.from({ length: kept }, (_, i) => {
    // One in each of equal stretches, at golden ratios of them, so that no column of the picture and no rhythm in it is
    // preferred.
    const within = i * 0.6180339887498949;
    return ((i + within - Math.floor(within)) * count) / kept;
  });
}
