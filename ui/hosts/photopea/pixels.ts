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
  const bytes = await redraw({ bytes: saved, name }, { width, height }, (context, bitmap) =>
    context.drawImage(bitmap, -x, -y),
  );
  const whole = { bytes, name, width, height };
  return Math.max(width, height) <= maxSide ? whole : encodePng(whole, maxSide);
}

/** The result at the size of its content, so that it covers it exactly. */
export async function stretch({ bytes, name, width, height }: SourcePicture, toWidth: number, toHeight: number) {
  if (width === toWidth && height === toHeight) return { bytes };
  const size = { width: toWidth, height: toHeight };
  const stretched = await redraw({ bytes, name }, size, (context, bitmap) => {
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, toWidth, toHeight);
  });
  return { bytes: stretched };
}

async function redraw(
  { bytes, name }: Pick<SourcePicture, "bytes" | "name">,
  { width, height }: Pick<Box, "width" | "height">,
  draw: (context: OffscreenCanvasRenderingContext2D, bitmap: ImageBitmap) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const bitmap = await decode(bytes, name);
  const canvas = new OffscreenCanvas(width, height);
  draw(canvas.getContext("2d") as OffscreenCanvasRenderingContext2D, bitmap);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await blob.arrayBuffer());
}
