// Pictures as masks: how much each pixel counts, 0 … 1. White means here.

import type { Picture } from "./engine.ts";
import { ImpastoError } from "./errors.ts";
import { isMaskRole, type PictureRole, type PicturesOf, picturesOf } from "./request.ts";

/** [1, height, width]. */
export interface Mask {
  width: number;
  height: number;
  channels: 1;
  data: Float32Array;
}

/** Rec. 601, as the engines' luminance. */
const LUMA = [0.299, 0.587, 0.114] as const;
/** Colors that differ by less are one: resampling leaves as much of a shape's edge. */
const ONE_COLOR = 4 / 255;

/** Light times alpha; a shape of one color on nothing is its alpha, whatever the color (copies). */
export function toMask({ width, height, channels, data }: Picture): Mask {
  const plane = width * height;
  const mask = new Float32Array(plane);
  const shape = channels === 4 && isShape(data, plane);
  for (let i = 0; i < plane; i++) {
    const alpha = channels === 4 ? (data[3 * plane + i] as number) : 1;
    mask[i] = shape ? alpha : alpha * light(data, plane, i);
  }
  return { width, height, channels: 1, data: mask };
}

/** Throws ImpastoError("bad-request") for a mask with which there would be nothing to do. */
export function checkMask(mask: Mask, role: PictureRole, name: string): void {
  // Half a step of 8 bits.
  const black = mask.data.every((value) => value <= 1 / 512);
  if (role !== "protect" && black) {
    throw new ImpastoError("bad-request", `${name} is black everywhere, so it is a mask of nothing.`, {
      hint:
        role === "region" ? "Paint white where the style belongs." : "Paint white what counts of the style's picture.",
    });
  }
  if (role === "protect" && mask.data.every((value) => value >= 1 - 1 / 512)) {
    throw new ImpastoError("bad-request", `${name} is white everywhere, so nothing would be painted.`, {
      hint: "Leave black what may be painted.",
    });
  }
}

/** Throws ImpastoError("bad-request") for masks of a frame that takes up the frame before it: they would stand still. */
export function refuseSequenceMasks(request: PicturesOf<unknown>): void {
  if (!picturesOf(request).some(({ role }) => isMaskRole(role))) return;
  throw new ImpastoError("bad-request", "An animation has no regions and no protected parts yet.", {
    hint: "Leave the masks out, or paint the frames as a batch.",
  });
}

/** What masks make a request cost: how many styles have a part of the picture of their own. */
export function partsOf({ styles, protect }: Pick<PicturesOf<unknown>, "styles" | "protect">): {
  masked: boolean;
  regions: number;
} {
  const withRegion = styles.filter(({ region }) => region !== undefined).length;
  const regions = withRegion === 0 ? 0 : withRegion + (withRegion < styles.length ? 1 : 0);
  return { masked: protect !== undefined, regions };
}

function light(data: Float32Array, plane: number, i: number): number {
  return LUMA.reduce((sum, share, channel) => sum + share * (data[channel * plane + i] as number), 0);
}

/** Something is transparent, and what is not has one color. data: [4, H, W], `plane`: H · W. */
export function isShape(data: Float32Array, plane: number): boolean {
  const least = [1, 1, 1];
  const most = [0, 0, 0];
  let opaque = true;
  for (let i = 0; i < plane; i++) {
    const alpha = data[3 * plane + i] as number;
    if (alpha < 1) opaque = false;
    if (alpha < 0.5) continue;
    for (let channel = 0; channel < 3; channel++) {
      const value = data[channel * plane + i] as number;
      least[channel] = Math.min(least[channel] as number, value);
      most[channel] = Math.max(most[channel] as number, value);
    }
  }
  return !opaque && most.every((value, channel) => value - (least[channel] as number) <= ONE_COLOR);
}
