// Frames cut from still pictures with a motion that is known to the pixel: a pan, a zoom, and a round piece of another
// picture that moves over a pan. What stays of a difference between two results along that motion is flicker.

import type { Picture } from "../../../companion/protocol/engine.ts";
import { withLongSide } from "../../../companion/protocol/sizing.ts";

/** Pixels a frame, and the factor by which a frame shows less than the one before. */
export interface Motion {
  dx: number;
  dy: number;
  zoom: number;
  /** A piece of the second picture, and where it goes. */
  piece?: { dx: number; dy: number };
}

export const MOTIONS = {
  pan: { dx: 2.5, dy: 0.75, zoom: 1 },
  zoom: { dx: 0, dy: 0, zoom: 1.015 },
  piece: { dx: -0.75, dy: 0.25, zoom: 1, piece: { dx: 3, dy: 1 } },
} as const satisfies Record<string, Motion>;

export interface Clip {
  frames: Picture[];
  /** By frame but the first, for each of its pixels: where it stood in the frame before (x, y), NaN where it did not. */
  origins: Float32Array[];
}

interface Place {
  x: number;
  y: number;
}

/** `size`: of the frames; `still` has to be larger by what the motion covers. */
export function makeClip(still: Picture, other: Picture, motion: Motion, size: number, count: number): Clip {
  const { width, height } = withLongSide(still, size);
  const middle = { x: (width - 1) / 2, y: (height - 1) / 2 };
  const half = { x: (still.width - 1) / 2, y: (still.height - 1) / 2 };
  const radius = Math.min(width, height) / 4;
  // Half of the way before the still picture's middle, half of it after.
  const offset = (t: number, step: number) => (t - (count - 1) / 2) * step;
  const scale = (t: number) => motion.zoom ** -t;
  const toStill = ({ x, y }: Place, t: number): Place => ({
    x: half.x + offset(t, motion.dx) + scale(t) * (x - middle.x),
    y: half.y + offset(t, motion.dy) + scale(t) * (y - middle.y),
  });
  const fromStill = ({ x, y }: Place, t: number): Place => ({
    x: middle.x + (x - half.x - offset(t, motion.dx)) / scale(t),
    y: middle.y + (y - half.y - offset(t, motion.dy)) / scale(t),
  });
  const center = (t: number): Place => ({
    x: middle.x + offset(t, motion.piece?.dx ?? 0),
    y: middle.y + offset(t, motion.piece?.dy ?? 0),
  });
  const inPiece = ({ x, y }: Place, t: number): boolean =>
    motion.piece !== undefined && Math.hypot(x - center(t).x, y - center(t).y) < radius;

  const frames: Picture[] = [];
  const origins: Float32Array[] = [];
  for (let t = 0; t < count; t++) {
    const frame: Picture = { width, height, channels: 3, data: new Float32Array(3 * width * height) };
    const origin = new Float32Array(2 * width * height).fill(Number.NaN);
    for (let i = 0; i < width * height; i++) {
      const place = { x: i % width, y: Math.floor(i / width) };
      const moved = inPiece(place, t);
      const source = moved
        ? { x: other.width / 2 + place.x - center(t).x, y: other.height / 2 + place.y - center(t).y }
        : toStill(place, t);
      for (let c = 0; c < 3; c++) {
        frame.data[c * width * height + i] = sample(moved ? other : still, c, source);
      }
      const before = moved
        ? { x: place.x + center(t - 1).x - center(t).x, y: place.y + center(t - 1).y - center(t).y }
        : fromStill(source, t - 1);
      const inside = before.x >= 1 && before.y >= 1 && before.x <= width - 2 && before.y <= height - 2;
      if (t > 0 && inside && inPiece(before, t - 1) === moved) origin.set([before.x, before.y], 2 * i);
    }
    frames.push(frame);
    if (t > 0) origins.push(origin);
  }
  return { frames, origins };
}

/** Mean difference between each picture and the one before it, carried along the motion. */
export function differenceAlong(pictures: readonly Picture[], origins: readonly Float32Array[]): number {
  let sum = 0;
  let count = 0;
  for (const [t, origin] of origins.entries()) {
    const before = pictures[t] as Picture;
    const after = pictures[t + 1] as Picture;
    const plane = after.width * after.height;
    for (let i = 0; i < plane; i++) {
      const place = { x: origin[2 * i] as number, y: origin[2 * i + 1] as number };
      if (Number.isNaN(place.x)) continue;
      for (let c = 0; c < 3; c++) sum += Math.abs((after.data[c * plane + i] as number) - sample(before, c, place));
      count += 3;
    }
  }
  return sum / count;
}

/** Catmull & Rom 1974, clamped to 0 … 1; beyond the border its nearest pixel. */
function sample({ width, height, data }: Picture, channel: number, { x, y }: Place): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const across = weights(x - left);
  const down = weights(y - top);
  let sum = 0;
  for (let j = 0; j < 4; j++) {
    const row = Math.min(height - 1, Math.max(0, top + j - 1));
    for (let i = 0; i < 4; i++) {
      const column = Math.min(width - 1, Math.max(0, left + i - 1));
      const value = data[(channel * height + row) * width + column] as number;
      sum += (across[i] as number) * (down[j] as number) * value;
    }
  }
  return Math.min(1, Math.max(0, sum));
}

function weights(t: number): [number, number, number, number] {
  return [
    ((2 - t) * t - 1) * t * 0.5,
    ((3 * t - 5) * t * t + 2) * 0.5,
    ((4 - 3 * t) * t + 1) * t * 0.5,
    (t - 1) * t * t * 0.5,
  ];
}
