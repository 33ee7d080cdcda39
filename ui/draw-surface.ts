// A surface that a tile fills by repeating, drawn as one picture: for hosts whose layers have no such fills.

import type { SourcePicture, Surface } from "./host.ts";
import { decode, fromCanvas } from "./pictures.ts";

export async function drawSurface({ tile, width, height, name }: Surface): Promise<SourcePicture> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  const bitmap = await decode(tile.bytes, name);
  for (let y = 0; y < height; y += tile.height) {
    for (let x = 0; x < width; x += tile.width) context.drawImage(bitmap, x, y, tile.width, tile.height);
  }
  bitmap.close();
  return { ...(await fromCanvas(canvas)), name };
}
