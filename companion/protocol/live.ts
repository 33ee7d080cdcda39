// The live picture: how a request would look, small and at once. Whoever asks for one or paints it asks here what it is.

import type { Settings } from "./settings.ts";
import { resultSide, type Size, shrunkSide } from "./sizing.ts";

/**
 * Long sides, px, one after the other: the first is there within half a second on two cores, the second is sharp on a
 * dense screen. Both are the draft's 128 px times a power of two, so that no step of the detail is wasted.
 */
const SIDES_PX = [256, 512] as const;
const LARGEST_PX = Math.max(...SIDES_PX);

/** The request's settings for each of its live pictures, in the order in which they are asked for. */
export function liveSteps(settings: Settings, content: Size): Settings[] {
  const wanted = resultSide(content, settings);
  const sides = new Set(SIDES_PX.map((side) => Math.min(side, wanted)));
  return [...sides].map((size) => ({ ...settings, size }));
}

/**
 * Settings as a live picture is painted with them: quick, whatever the quality, and no larger than asked for, than the
 * content, and than the largest of the sides; of a narrow strip so much that its short side can be painted at all.
 * Strength, colors, strokes and seed stay.
 */
export function liveSettings(settings: Settings, content: Size): Settings {
  return {
    ...settings,
    quality: "quick",
    network: "auto",
    size: shrunkSide(content, Math.min(resultSide(content, settings), LARGEST_PX)),
    firstIterations: null,
    iterations: null,
    budget: null,
  };
}
