// A picture with a margin around it, mirrored from its inside, or, of a seamless picture, from its other side, as
// native/image/canvas. Deep layers see zeros beyond the border and paint a band of odd colors along it; on a canvas that is
// larger than the picture the band is cut off.

import type { Mask } from "../../../../companion/protocol/mask.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import type { Size } from "../../../../companion/protocol/sizing.ts";
import { type Filter, type InterleavedImage, resize } from "./image.ts";

/** Pixels on each side: empirical, as wide as the band that shows. */
const MARGIN = 8;
/** Of a side's length, where a seamless picture fades: empirical, wide enough that no edge is left. */
const FADING_PART = 6;

export function canvasSize({ width, height }: Size): Size {
  return { width: width + 2 * MARGIN, height: height + 2 * MARGIN };
}

/** [H, W, 3] → [H + 2·MARGIN, W + 2·MARGIN, 3]; copies. */
export function extend(image: InterleavedImage, seamless: Settings["seamless"] = "off"): InterleavedImage {
  const { data, alpha } = image;
  const size = canvasSize(image);
  const source = sourceOf(image, seamless);
  return {
    ...size,
    data: gather(data, 3, size, source),
    alpha: alpha === null ? null : gather(alpha, 1, size, source),
  };
}

/** extend() of a mask, [H, W]; copies. */
export function extendMask(mask: Mask, seamless: Settings["seamless"]): Mask {
  const size = canvasSize(mask);
  return { ...size, channels: 1, data: gather(mask.data, 1, size, sourceOf(mask, seamless)) };
}

/** Which pixel of the picture stands at a place of its canvas. */
function sourceOf({ width, height }: Size, seamless: Settings["seamless"]): (x: number, y: number) => number {
  const columnAt = wrapsX(seamless) ? wrapped : mirrored;
  const rowAt = wrapsY(seamless) ? wrapped : mirrored;
  return (x, y) => rowAt(y - MARGIN, height) * width + columnAt(x - MARGIN, width);
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

/** Beyond one side stands the other. */
function wrapped(i: number, n: number): number {
  return ((i % n) + n) % n;
}

function wrapsX(seamless: Settings["seamless"]): boolean {
  return seamless === "horizontal" || seamless === "both";
}

function wrapsY(seamless: Settings["seamless"]): boolean {
  return seamless === "vertical" || seamless === "both";
}

/**
 * The gradient along canvases whose margin repeats the other side: each pixel becomes the mean over its copies, the
 * orthogonal projection. Descent from such a canvas then stays among them. gradient: [H, W, 3], changed in place.
 */
export function keepSeamless(gradient: Float32Array, { width, height }: Size, seamless: Settings["seamless"]): void {
  for (let y = 0; wrapsX(seamless) && y < height; y++) share(gradient, y * width * 3, 3, width - 2 * MARGIN);
  for (let x = 0; wrapsY(seamless) && x < width; x++) share(gradient, x * 3, width * 3, height - 2 * MARGIN);
}

/**
 * A picture that fits together with itself: towards its sides it fades into its own mirror image, half of each at the border.
 * What it shows there would otherwise be painted as an edge. Copies.
 */
export function joinSides(image: InterleavedImage, seamless: Settings["seamless"]): InterleavedImage {
  const { width, height } = image;
  const data = image.data.slice();
  for (let y = 0; wrapsX(seamless) && y < height; y++) join(data, y * width * 3, 3, width);
  for (let x = 0; wrapsY(seamless) && x < width; x++) join(data, x * 3, width * 3, height);
  return { ...image, data };
}

/** Along one axis: pixels `stride` apart, `n` of them. */
function join(data: Float32Array, first: number, stride: number, n: number): void {
  const reach = Math.floor(n / FADING_PART);
  for (let i = 0; i < reach; i++) {
    const share = (1 + Math.cos((Math.PI * i) / reach)) / 4;
    for (let c = 0; c < 3; c++) {
      const [one, other] = [first + i * stride + c, first + (n - 1 - i) * stride + c];
      const step = share * ((data[other] as number) - (data[one] as number));
      data[one] = (data[one] as number) + step;
      data[other] = (data[other] as number) - step;
    }
  }
}

/** Along one axis: pixels `stride` apart, `n` of them without the margin. */
function share(gradient: Float32Array, first: number, stride: number, n: number): void {
  const meet = (a: number, b: number): void => {
    for (let c = 0; c < 3; c++) {
      const [i, j] = [first + (a + MARGIN) * stride + c, first + (b + MARGIN) * stride + c];
      const mean = ((gradient[i] as number) + (gradient[j] as number)) / 2;
      gradient[i] = mean;
      gradient[j] = mean;
    }
  };
  for (let i = 0; i < MARGIN; i++) {
    meet(i, i + n);
    meet(n - 1 - i, -1 - i);
  }
}

/** What stands on a canvas (pixels, an optimizer's memory), on that of another picture's size; not kept in 0 … 1. */
export function resizeCanvas(
  data: Float32Array,
  canvas: Size,
  to: Size,
  filter: Filter,
  seamless: Settings["seamless"],
): Float32Array {
  const inside = crop({ ...canvas, data, alpha: null });
  return extend({ ...to, data: resize(inside.data, 3, inside, to, filter), alpha: null }, seamless).data;
}
