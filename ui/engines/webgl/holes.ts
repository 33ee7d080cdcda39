// The colors under transparent pixels, as native/image/picture: what an export leaves there (black, as a rule) must not
// be painted into the edges of what can be seen.

import { type InterleavedImage, resize } from "./image.ts";

/** What is no more opaque than this counts as transparent: half a step of 8 bits. */
const LEAST_ALPHA = 1 / 512;

/** Continues the colors of a picture from its visible pixels into the others; an opaque one is returned as it is. */
export function fillHoles(image: InterleavedImage): InterleavedImage {
  const { alpha, data } = image;
  if (alpha === null) return image;
  const premultiplied = data.map((value, i) => value * (alpha[Math.floor(i / 3)] as number));
  return { ...image, data: pushPull({ ...image, data: premultiplied }, alpha) };
}

/** Push-pull (Gortler et al. 1996): holes are filled from the next coarser picture, where they are smaller. */
function pushPull({ width, height, data }: InterleavedImage, alpha: Float32Array): Float32Array {
  const seen = (pixel: number) => (alpha[pixel] as number) > LEAST_ALPHA;
  const unpremultiply = (below: Float32Array) =>
    data.map((value, i) => {
      const pixel = Math.floor(i / 3);
      return seen(pixel) ? Math.min(1, Math.max(0, value / (alpha[pixel] as number))) : (below[i] as number);
    });
  const whole = alpha.every((value) => value > LEAST_ALPHA);
  if (whole || (width === 1 && height === 1)) return unpremultiply(data);
  const from = { width, height };
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const coarseAlpha = resize(alpha, 1, from, half, "bilinear");
  const coarse = pushPull({ ...half, data: resize(data, 3, from, half, "bilinear"), alpha: coarseAlpha }, coarseAlpha);
  return unpremultiply(resize(coarse, 3, half, from, "bilinear"));
}
