// How far a result is from its style, as companion/supervisor/style-distance: one number for people to compare a batch's
// frames by.

import type { Picture } from "../../../../companion/protocol/engine.ts";
import {
  comparedSize,
  DISTANCE_LAYERS,
  distanceOf,
  type GramDistances,
} from "../../../../companion/protocol/style-distance.ts";
import { type InterleavedImage, resizeImage, toInterleaved } from "./image.ts";
import { type MeasuredStyle, measureStyle } from "./measure.ts";
import type { Network } from "./network.ts";
import { openVgg } from "./vgg.ts";

const DEEPEST = DISTANCE_LAYERS[DISTANCE_LAYERS.length - 1] as string;

export async function styleDistance(network: Network, result: Picture, style: Picture): Promise<number> {
  const vgg = openVgg(network, DEEPEST, { pooling: null, padding: "zero" });
  try {
    const measure = (image: InterleavedImage) => measureStyle(vgg, image, DISTANCE_LAYERS);
    const small = shrink(style);
    const target = await measure(small);
    const gray = await measure({ ...small, data: new Float32Array(small.data.length).fill(0.5) });
    const own = await measure(shrink(result));
    return distanceOf(distancesBetween(own, target), distancesBetween(gray, target));
  } finally {
    vgg.dispose();
  }
}

function distancesBetween(one: MeasuredStyle, other: MeasuredStyle): GramDistances {
  return Object.fromEntries(
    [...one].map(([layer, { gram }]) => {
      const target = other.get(layer)?.gram as Float32Array;
      return [layer, gram.reduce((sum, value, at) => sum + (value - (target[at] as number)) ** 2, 0)];
    }),
  );
}

/** Colors alone. */
function shrink(picture: Picture): InterleavedImage {
  const image = toInterleaved(picture);
  return { ...resizeImage(image, comparedSize(image), "bilinear"), alpha: null };
}
