// A picture with a margin around it, mirrored from its inside, as native/image/canvas. Deep layers see zeros beyond the
// border and paint a band of odd colors along it; on a canvas that is larger than the picture the band is cut off.

import type { Size } from "../../../../companion/protocol/sizing.ts";
import { type Filter, type InterleavedImage, resize } from "./image.ts";

/** Pixels on each side: empirical, as wide as the band that shows. */
const MARGIN = 8;

export function canvasSize({ width, height }: Size): Size {
  return { width: width + 2 * MARGIN, height: height + 2 * MARGIN };
}

/** [H, W, 3] → [H + 2·MARGIN, W + 2·MARGIN, 3]; copies. */
export function extend({ width, height, data, alpha }: InterleavedImage): InterleavedImage {
  const size = canvasSize({ width, height });
  const source = (x: number, y: number): number => mirrored(y - MARGIN, height) * width + mirrored(x - MARGIN, width);
  return {
    ...size,
    data: gather(data, 3, size, source),
    alpha: alpha === null ? null : gather(alpha, 1, size, source),
  };
}

/** What lies within the margin; copies. */
export function crop({ width, height, data, alpha }: InterleavedImage): InterleavedImage {
  const size = { width: width - 2 * MARGIN, height: height - 2 * MARGIN };
  const source = (x: number, y: number): number => (y + MARGIN) * width + x + MARGIN;
  return {
    ...size,
    data: gather(data, 3, size, source),
    alpha: alpha === null ? null : gather(alpha, 1, size, source),
  };
}

function gather(
  from: Float32Array,
  channels: number,
  { width, height }: Size,
  source: (x: number, y: number) => number,
) {
  const result = new Float32Array(width * height * channels);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const begin = source(x, y) * channels;
      for (let c = 0; c < channels; c++) result[at++] = from[begin + c] as number;
    }
  }
  return result;
}

/** The edge itself is not repeated. */
function mirrored(i: number, n: number): number {
  return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i;
}

/** What stands on a canvas (pixels, an optimizer's memory), on that of another picture's size; not kept in 0 … 1. */
export function resizeCanvas(data: Float32Array, canvas: Size, to: Size, filter: Filter): Float32Array {
  const inside = crop({ ...canvas, data, alpha: null });
  return extend({ ...to, data: resize(inside.data, 3, inside, to, filter), alpha: null }).data;
}
