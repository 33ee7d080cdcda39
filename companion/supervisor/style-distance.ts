// How far a result is from its style, as one number for people to compare frames by: the same for every size and network
// that painted it. Measured with the embedded slim network on small copies, in a few hundredths of a second.

import { evaluate } from "../engine.ts";
import { resample } from "../models/resample.ts";
import { embeddedPainter } from "../networks/embedded.ts";
import type { Picture } from "../protocol/engine.ts";

/** Long side of what is compared, px. */
const SIDE_PX = 192;
const LAYERS = ["relu1_1", "relu2_1", "relu3_1", "relu4_1"] as const;

/** Of the styles that are in work; a batch has the same one again and again. */
const grays = new WeakMap<Picture, Promise<Record<string, number>>>();

/**
 * Mean over the layers of ‖G(result) − G(style)‖ / ‖G(gray) − G(style)‖, Gram matrices as in Gatys et al. 2016: 0 is the
 * style's own statistics, 1 as far from them as plain gray is. Null where the embedded network is missing.
 */
export async function styleDistance(result: Picture, style: Picture): Promise<number | null> {
  const network = embeddedPainter()?.network;
  if (network === undefined) return null;
  const small = shrink(style);
  const measured = grays.get(style) ?? losses(grayLike(small), small, network.path);
  grays.set(style, measured);
  const plain = await measured;
  const own = await losses(shrink(result), small, network.path);
  const ratios = LAYERS.map((layer) => Math.sqrt((own[layer] ?? 0) / Math.max(plain[layer] ?? 0, Number.MIN_VALUE)));
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
}

function grayLike(picture: Picture): Picture {
  return { ...picture, data: new Float32Array(picture.data.length).fill(0.5) };
}

async function losses(image: Picture, style: Picture, networkPath: string): Promise<Record<string, number>> {
  const { style: found } = await evaluate({
    image,
    // Nothing is asked of the content; it has the picture's size.
    content: image,
    style,
    networkPath,
    pooling: null,
    styleLayers: LAYERS,
    contentLayers: ["relu1_1"],
    // The other threads paint the next frame.
    threads: 1,
  });
  return found;
}

/** Colors alone. */
function shrink({ width, height, data }: Picture): Picture {
  const scale = Math.min(1, SIDE_PX / Math.max(width, height));
  const size = [width, height].map((side) => Math.max(1, Math.round(side * scale))) as [number, number];
  const colors = { width, height, data: data.subarray(0, 3 * width * height) };
  return { ...resample(colors, ...size), channels: 3 };
}
