// The colors under transparent pixels, as native/image/picture: what an export leaves there (black, as a rule) must not
// be painted into the edges of what can be seen.

import type { Picture } from "../../../../companion/protocol/engine.ts";
import type { Size } from "../../../../companion/protocol/sizing.ts";
import { type InterleavedImage, resize, toInterleaved } from "./image.ts";

/** What is no more opaque than this counts as transparent: half a step of 8 bits. */
const LEAST_ALPHA = 1 / 512;

/** Planar → interleaved, colors and alpha apart; the colors go on from the visible pixels into the others. Copies. */
export function splitAlpha(picture: Picture): InterleavedImage {
  const image = toInterleaved(picture);
  const { alpha, data } = image;
  if (alpha === null) return image;
  const premultiplied = data.map((value, i) => value * (alpha[Math.floor(i / 3)] as number));
  return { ...image, data: fillHoles(premultiplied, alpha, image) };
}

/** Push-pull (Gortler et al. 1996): holes are filled from the next coarser picture, where they are smaller. */
function fillHoles(premultiplied: Float32Array, alpha: Float32Array, size: Size): Float32Array {
  const seen = (pixel: number) => (alpha[pixel] as number) > LEAST_ALPHA;
  const unpremultiply = (below: Float32Array) =>
    premultiplied.map((value, i) => {
      const pixel = Math.floor(i / 3);
      return seen(pixel) ? Math.min(1, Math.max(0, value / (alpha[pixel] as number))) : (below[i] as number);
    });
  const whole = alpha.every((value) => value > LEAST_ALPHA);
  if (whole || (size.width === 1 && size.height === 1)) return unpremultiply(premultiplied);
  const half = { width: Math.ceil(size.width / 2), height: Math.ceil(size.height / 2) };
  const coarse = fillHoles(
    resize(premultiplied, 3, size, half, "bilinear"),
    resize(alpha, 1, size, half, "bilinear"),
    half,
  );
  return unpremultiply(resize(coarse, 3, half, size, "bilinear"));
}
