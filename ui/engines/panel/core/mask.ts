// How much each position of a layer counts: the picture's alpha, halved with every pool.

import * as tf from "@tensorflow/tfjs-core";
import { blockOf } from "../../../../companion/protocol/layers.ts";
import type { Mask } from "../../../../companion/protocol/mask.ts";

type Map4 = tf.Tensor4D;

/**
 * All of them add up to 1. A number where the picture is opaque (1 / (h·w)), else [h·w, 1] from the picture's alpha.
 */
export type Shares = number | tf.Tensor2D;

/** alpha: [1, H, W, 1] or null; for a layer of [1, h, w, C]. */
export function sharesAt(features: Map4, alpha: Map4 | null): Shares {
  const [, height, width] = features.shape;
  if (alpha === null) return 1 / (height * width);
  let mask = alpha;
  while (mask.shape[1] > height) mask = tf.avgPool(mask, 2, 2, "valid");
  const flat = tf.reshape(mask, [height * width, 1]);
  return tf.div<tf.Tensor2D>(flat, tf.add(tf.sum(flat), Number.EPSILON));
}

/**
 * What a part of a picture must have of a layer to have statistics of its own: as much as the smallest whole picture,
 * 32 px and its margin, has of the deepest block.
 */
export const FEWEST_POSITIONS = 9;

const BLOCKS = 5;

/** How many positions of each block's layers a mask covers: halved as the pools do. */
export function blockAreas({ width, height, data }: Mask): number[] {
  const areas: number[] = [];
  let level = { width, height, data };
  for (let block = 0; block < BLOCKS; block++) {
    if (block > 0) level = halve(level);
    areas.push(level.data.reduce((sum, value) => sum + value, 0));
  }
  return areas;
}

/** Those of `layers` of which what the mask leaves of a picture has enough positions. */
export function supportedLayers(layers: readonly string[], mask: Mask): string[] {
  const areas = blockAreas(mask);
  return layers.filter((layer) => (areas[blockOf(layer) - 1] as number) >= FEWEST_POSITIONS);
}

function halve({ width, height, data }: Omit<Mask, "channels">): Omit<Mask, "channels"> {
  const [columns, rows] = [Math.floor(width / 2), Math.floor(height / 2)];
  const half = new Float32Array(columns * rows);
  const at = (x: number, y: number) => data[y * width + x] as number;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const upper = at(2 * x, 2 * y) + at(2 * x + 1, 2 * y);
      half[y * columns + x] = (upper + at(2 * x, 2 * y + 1) + at(2 * x + 1, 2 * y + 1)) / 4;
    }
  }
  return { width: columns, height: rows, data: half };
}
