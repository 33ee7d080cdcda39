// How far a result is from its style, as one number for people to compare frames by: the same for every size and network
// that painted it. Both engines measure it, with the embedded slim network on small copies.

import { type Size, shrunkSide, withLongSide } from "./sizing.ts";

/** Long side of what is compared, px; of a narrow picture more. */
const SIDE_PX = 192;

export const DISTANCE_LAYERS = ["relu1_1", "relu2_1", "relu3_1", "relu4_1"] as const;

/** By layer: ‖G − G(style)‖², Gram matrices as in Gatys et al. 2016. */
export type GramDistances = Readonly<Record<string, number>>;

/** What a picture is compared at. */
export function comparedSize(size: Size): Size {
  return withLongSide(size, shrunkSide(size, SIDE_PX));
}

/**
 * Mean over the layers of ‖G(result) − G(style)‖ / ‖G(gray) − G(style)‖: 0 is the style's own statistics, 1 as far from
 * them as plain gray is.
 */
export function distanceOf(result: GramDistances, gray: GramDistances): number {
  const ratios = DISTANCE_LAYERS.map((layer) =>
    Math.sqrt((result[layer] ?? 0) / Math.max(gray[layer] ?? 0, Number.MIN_VALUE)),
  );
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
}
