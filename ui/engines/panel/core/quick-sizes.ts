// Sizes from a quick picture's draft to its result, by equal steps of ×2 at most, as native/paint/quick.

import { MIN_SIDE_PX } from "../../../../companion/protocol/limits.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { longSide, resolveSettings, type Size, withLongSide } from "../../../../companion/protocol/sizing.ts";
import type { Scale } from "./schedule.ts";

/** A pass of the detailer takes about as long as so many evaluations by the network of the draft. */
export const DETAIL_WORK = 1;
/** A step may be so much larger, by a power of two, before there are two of it. */
const SLACK = 0.05;

/** The optimizer goes over the picture of this step, when another follows. */
export const MIDDLE = 1;

/** Updates of it. */
export function middleIterations(sizes: readonly Size[], settings: Settings): number {
  return sizes.length > MIDDLE + 1 ? resolveSettings(settings, sizes.at(-1) as Size).middleIterations : 0;
}

export function quickSizes(result: Size, { minScale }: Pick<Settings, "minScale">): Size[] {
  const end = longSide(result);
  // No side of a draft is shorter than the network can see.
  const least = Math.ceil((MIN_SIDE_PX * end) / Math.min(result.width, result.height));
  const draft = Math.min(Math.max(minScale, least), end);
  const ratio = end / draft;
  const steps = Math.ceil(Math.log2(ratio) - SLACK);
  const sizes = Array.from({ length: Math.max(0, steps) }, (_, i) =>
    withLongSide(result, Math.round(draft * ratio ** (i / steps))),
  );
  return [...sizes, result];
}

/** The same as work to be planned: a pass of the detailer counts as an iteration. */
export function quickSchedule(result: Size, settings: Settings): Scale[] {
  const { firstIterations, iterations } = resolveSettings(settings, result);
  const sizes = quickSizes(result, settings);
  const middle = middleIterations(sizes, settings);
  const steps = sizes.map((size, index) => ({
    ...size,
    scale: longSide(size),
    iterations: index === 0 ? firstIterations : DETAIL_WORK + (index === MIDDLE ? middle : 0),
  }));
  return iterations === 0 ? steps : [...steps, { ...result, scale: longSide(result), iterations }];
}
