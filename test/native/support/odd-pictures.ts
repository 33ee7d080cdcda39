// Pictures that have little to say: of one color, seen in a corner alone, very long; and a check that what comes of them
// is a picture.

import { expect } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { waves } from "../../ui/engines/panel/twin.ts";
import { randomPicture } from "./objective.ts";

/** One color, and alpha where it is given. */
export function flat(width: number, height: number, value: number, alpha?: number): Picture {
  const plane = width * height;
  const data = new Float32Array((alpha === undefined ? 3 : 4) * plane).fill(value);
  if (alpha !== undefined) data.fill(alpha, 3 * plane);
  return { width, height, channels: alpha === undefined ? 3 : 4, data };
}

/** Seen in a square of its left upper corner alone. */
export function seenInCorner(width: number, height: number, side: number): Picture {
  const picture = flat(width, height, 0.5, 0);
  const alpha = picture.data.subarray(3 * width * height);
  for (let y = 0; y < side; y++) alpha.fill(1, y * width, y * width + side);
  return picture;
}

/** Any of them, or one of noise; sides from 32 px to `most` more, small ones oftener. */
export function oddPicture(random: () => number, seed: number, most: number): Picture {
  const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const side = () => 32 + Math.floor(random() ** 3 * most);
  const [width, height] = [side(), side()];
  return pick(
    () => randomPicture(width, height, seed, pick(3, 4)),
    () => waves(width, height, random()),
    () => flat(width, height, pick(0, 1, random()), pick(undefined, 1, 0.5)),
    () => seenInCorner(width, height, 16),
  )();
}

export function expectFinite({ data }: Picture, what?: string): void {
  expect(
    data.findIndex((value) => !(value >= 0 && value <= 1)),
    what,
  ).toBe(-1);
}
