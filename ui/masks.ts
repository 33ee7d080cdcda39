// Layers as masks: several of them are one gray picture, white where any of them is; and how a mask looks.

import { isShape, toMask } from "../companion/protocol/mask.ts";
import { withLongSide } from "../companion/protocol/sizing.ts";
import type { SourcePicture } from "./host.ts";
import { decode, fromCanvas, toPlanar } from "./pictures.ts";

export interface MaskPicture {
  picture: SourcePicture;
  /** A shape counts by what it covers, any other picture by its light as well. */
  byAlpha: boolean;
}

/** Stretched over `over`, its long side at most `maxSide` px. Null when there are none. */
export async function joinMasks(
  masks: readonly MaskPicture[],
  over: { width: number; height: number },
  maxSide: number,
): Promise<SourcePicture | null> {
  const [first] = masks;
  if (first === undefined) return null;
  const size = withLongSide(over, Math.min(maxSide, Math.round(Math.max(over.width, over.height))));
  const joined = new Float32Array(size.width * size.height);
  for (const { picture, byAlpha } of masks) {
    const pixels = await drawTo(picture, size);
    const planar = toPlanar(pixels);
    const values = byAlpha ? planar.data.subarray(3 * joined.length) : toMask(planar).data;
    for (let i = 0; i < joined.length; i++) {
      joined[i] = 1 - (1 - (joined[i] as number)) * (1 - (values[i] as number));
    }
  }
  const gray = new ImageData(size.width, size.height);
  for (let i = 0; i < joined.length; i++) {
    const value = Math.round((joined[i] as number) * 255);
    gray.data.set([value, value, value, 255], i * 4);
  }
  const canvas = new OffscreenCanvas(size.width, size.height);
  (canvas.getContext("2d") as OffscreenCanvasRenderingContext2D).putImageData(gray, 0, 0);
  return { ...(await fromCanvas(canvas)), name: first.picture.name };
}

/** Black and white with little between, or one color on nothing: most likely a mask. */
export async function looksLikeMask(picture: SourcePicture): Promise<boolean> {
  const size = withLongSide(picture, Math.min(LOOK_PX, Math.max(picture.width, picture.height)));
  const { data } = toPlanar(await drawTo(picture, size));
  const plane = size.width * size.height;
  if (isShape(data, plane)) return true;
  let [black, white] = [0, 0];
  for (let i = 0; i < plane; i++) {
    const rgb = [0, 1, 2].map((channel) => data[channel * plane + i] as number);
    if (Math.max(...rgb) < NEARLY) black++;
    if (Math.min(...rgb) > 1 - NEARLY) white++;
  }
  return black > plane / 100 && white > plane / 100 && black + white > 0.8 * plane;
}

/** Enough to see what it is. */
const LOOK_PX = 64;
const NEARLY = 0.06;

async function drawTo({ bytes, name }: SourcePicture, { width, height }: { width: number; height: number }) {
  const context = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.imageSmoothingQuality = "high";
  const bitmap = await decode(bytes, name);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}
