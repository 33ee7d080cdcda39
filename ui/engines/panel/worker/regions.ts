// Which style paints where, as native/optimize/regions: masks as they were given, and what they mean at one scale. After
// Gatys, Ecker, Bethge, Hertzmann & Shechtman 2017, "Controlling Perceptual Factors in Neural Style Transfer", §4.

import type { Mask } from "../../../../companion/protocol/mask.ts";
import type { Size } from "../../../../companion/protocol/sizing.ts";
import { clampAll, resize } from "../core/image.ts";

/** Styles with the same part of the picture: they are blended into one target. */
export interface Region {
  /** Places in the request, none of weight 0. */
  styles: number[];
  /** Of all of them. */
  weight: number;
  /** As given, of any size; null: everywhere. */
  mask: Mask | null;
}

/** One region for each different mask; none when no style has one. */
export function groupRegions(styles: readonly { region: Mask | null; weight: number }[]): Region[] {
  const regions: Region[] = [];
  for (const [place, { region, weight }] of styles.entries()) {
    if (weight === 0) continue;
    const known = regions.find(({ mask }) => isSame(mask, region));
    if (known === undefined) regions.push({ styles: [place], weight, mask: region });
    else {
      known.styles.push(place);
      known.weight += weight;
    }
  }
  return regions.length === 1 && regions[0]?.mask === null ? [] : regions;
}

/** By area to the scale's size. */
export function scaledMask(mask: Mask, size: Size): Mask {
  const { width, height } = size;
  return { width, height, channels: 1, data: clampAll(resize(mask.data, 1, mask, size, "area")) };
}

/**
 * What each region has of each pixel, together no more than `visible` (null: all). Where masks overlap they share by their
 * weights.
 */
export function sharePixels(regions: readonly Region[], size: Size, visible: Float32Array | null): Mask[] {
  const { width, height } = size;
  const everywhere = (): Mask => ({ width, height, channels: 1, data: new Float32Array(width * height).fill(1) });
  const masks = regions.map(({ mask }) => (mask === null ? everywhere() : scaledMask(mask, size)));
  for (let i = 0; i < width * height; i++) {
    const covered = masks.reduce((sum, { data }) => sum + (data[i] as number), 0);
    if (covered === 0) continue;
    const weightOf = (r: number) => (regions[r] as Region).weight;
    const weighted = masks.reduce((sum, { data }, r) => sum + weightOf(r) * (data[i] as number), 0);
    const there = Math.min(1, covered) * (visible === null ? 1 : (visible[i] as number));
    for (const [r, { data }] of masks.entries()) data[i] = (there * weightOf(r) * (data[i] as number)) / weighted;
  }
  return masks;
}

function isSame(a: Mask | null, b: Mask | null): boolean {
  if (a === null || b === null) return a === b;
  return a.width === b.width && a.height === b.height && a.data.every((value, i) => value === b.data[i]);
}
