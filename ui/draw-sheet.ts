// A sheet of pictures with their labels, drawn as one picture: for hosts whose documents have no frames.

import type { Sheet, SourcePicture } from "./host.ts";
import { decode, fromCanvas } from "./pictures.ts";

const GAP_PX = 24;
const LABEL_PX = 32;

export async function drawSheet({ cells, columns, name }: Sheet): Promise<SourcePicture> {
  const width = Math.max(...cells.map((cell) => cell.width));
  const height = Math.max(...cells.map((cell) => cell.height));
  const rows = Math.ceil((Math.max(...cells.map(({ at }, index) => at ?? index)) + 1) / columns);
  const canvas = new OffscreenCanvas(
    GAP_PX + columns * (width + GAP_PX),
    GAP_PX + rows * (height + LABEL_PX + GAP_PX) - GAP_PX / 2,
  );
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#333333";
  context.font = "13px sans-serif";
  context.textBaseline = "middle";
  for (const [index, { bytes, label, width: own, height: ownHeight, at = index }] of cells.entries()) {
    const x = GAP_PX + (at % columns) * (width + GAP_PX);
    const y = GAP_PX + Math.floor(at / columns) * (height + LABEL_PX + GAP_PX);
    const bitmap = await decode(bytes, label);
    context.drawImage(bitmap, x, y, own, ownHeight);
    bitmap.close();
    context.fillText(label, x, y + height + LABEL_PX / 2, width);
  }
  return { ...(await fromCanvas(canvas)), name };
}
