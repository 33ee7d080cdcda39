// How far a result is from its style (protocol/style-distance.ts), in a few hundredths of a second.

import { evaluate } from "../engine.ts";
import { resample } from "../models/resample.ts";
import { embeddedPainter } from "../networks/embedded.ts";
import type { Picture } from "../protocol/engine.ts";
import { comparedSize, DISTANCE_LAYERS, distanceOf, type GramDistances } from "../protocol/style-distance.ts";

/** Of the styles that are in work; a batch has the same one again and again. */
const grays = new WeakMap<Picture, Promise<GramDistances>>();

/** Null where the embedded network is missing. */
export async function styleDistance(result: Picture, style: Picture): Promise<number | null> {
  const network = embeddedPainter()?.network;
  if (network === undefined) return null;
  const small = shrink(style);
  const measured = grays.get(style) ?? losses(grayLike(small), small, network.path);
  grays.set(style, measured);
  const plain = await measured;
  const own = await losses(shrink(result), small, network.path);
  return distanceOf(own, plain);
}

function grayLike(picture: Picture): Picture {
  return { ...picture, data: new Float32Array(picture.data.length).fill(0.5) };
}

async function losses(image: Picture, style: Picture, networkPath: string): Promise<GramDistances> {
  const { style: found } = await evaluate({
    image,
    // Nothing is asked of the content; it has the picture's size.
    content: image,
    style,
    networkPath,
    pooling: null,
    styleLayers: DISTANCE_LAYERS,
    contentLayers: ["relu1_1"],
    // The other threads paint the next frame.
    threads: 1,
  });
  return found;
}

/** Colors alone. */
function shrink({ width, height, data }: Picture): Picture {
  const small = comparedSize({ width, height });
  const colors = { width, height, data: data.subarray(0, 3 * width * height) };
  return { ...resample(colors, small.width, small.height), channels: 3 };
}
