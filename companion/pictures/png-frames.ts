// An animated PNG (PNG 3rd edition §4.9) may hold a picture that is none of its frames, for programs that show no
// animation: browsers show the first frame instead.

import { makePngChunk, type PngChunk, pngChunks } from "./png-chunks.ts";

/** Each fcTL and fdAT begins with its place in the order; of fcTL width and height follow. */
const ORDER_BYTES = 4;
const SIZE_BYTES = 8;

/**
 * With the first frame in place of a picture that is none; the same bytes where the picture is a frame, or where the
 * first frame covers a part of it.
 */
export function showFirstFrame(png: Uint8Array): Uint8Array {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const start = hiddenPicture(png);
  if (start === null) return png;
  const parts: Buffer[] = [];
  let frames = 0;
  for (const { type, data } of pngChunks(png)) {
    if (type === "fcTL") frames += 1;
    if (frames > 1) break;
    if (type === "fcTL" && !data.subarray(ORDER_BYTES, ORDER_BYTES + SIZE_BYTES).equals(start.size)) return png;
    if (type === "fdAT" && frames === 1) parts.push(data.subarray(ORDER_BYTES));
  }
  const frame = Buffer.concat(parts);
  if (frame.length === 0) return png;
  return Buffer.concat([
    bytes.subarray(0, start.at),
    makePngChunk("IDAT", frame),
    makePngChunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Where the picture of an animation begins that is no frame of it, and width and height as they are stored; else null. */
function hiddenPicture(png: Uint8Array): { at: number; size: Buffer } | null {
  let header: PngChunk | null = null;
  let isAnimated = false;
  for (const chunk of pngChunks(png)) {
    if (chunk.type === "IHDR") header = chunk;
    if (chunk.type === "acTL") isAnimated = true;
    if (chunk.type === "fcTL") return null;
    if (chunk.type === "IDAT") {
      return isAnimated && header !== null ? { at: chunk.at, size: header.data.subarray(0, SIZE_BYTES) } : null;
    }
  }
  return null;
}
