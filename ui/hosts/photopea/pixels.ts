// What Photopea saves is a whole canvas, and what it opens is placed at its own size: pictures are cut out, and stretched.

import type { Box } from "../../../companion/protocol/host/layer-types.ts";
import type { SourcePicture } from "../../host.ts";
import { decode, encodePng } from "../../pictures.ts";

export async function crop(
  saved: Uint8Array,
  name: string,
  { x, y, width, height }: Box,
  maxSide: number,
): Promise<SourcePicture> {
  const bitmap = await decode(saved, name);
  const canvas = new OffscreenCanvas(width, height);
  (canvas.getContext("2d") as OffscreenCanvasRenderingContext2D).drawImage(bitmap, -x, -y);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type: "image/png" });
  const whole = { bytes: new Uint8Array(await blob.arrayBuffer()), name, width, height };
  return Math.max(width, height) <= maxSide ? whole : encodePng(whole, maxSide);
}

/** The result at the size of its content, so that it covers it exactly. */
export async function stretch({ bytes, name, width, height }: SourcePicture, toWidth: number, toHeight: number) {
  if (width === toWidth && height === toHeight) return { bytes };
  const bitmap = await decode(bytes, name);
  const canvas = new OffscreenCanvas(toWidth, toHeight);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, toWidth, toHeight);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return { bytes: new Uint8Array(await blob.arrayBuffer()) };
}
