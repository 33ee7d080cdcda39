// A PNG that ends too early: the rows that its compressed data still gives, and nothing below them.

import { promisify } from "node:util";
import { constants, deflate as deflateLater, inflate as inflateLater } from "node:zlib";
import { makePngChunk, pngChunks } from "../png-chunks.ts";
import type { CutPicture } from "./cut-picture.ts";

const SAMPLES_BY_COLOR_TYPE: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const FASTEST = 1;
const deflate = promisify<Buffer, { level: number }, Buffer>(deflateLater);
const inflate = promisify<Buffer, { finishFlush: number; maxOutputLength: number }, Buffer>(inflateLater);

/** Null for one that is whole, and for an interlaced one. Rejects where the data is damaged. */
export async function completePng(png: Uint8Array): Promise<CutPicture | null> {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const { before, data } = dataOf(bytes);
  const [bitDepth = 8, colorType = 0, , , interlace = 0] = bytes.subarray(24, 29);
  if (data.length === 0 || interlace !== 0) return null;
  const height = bytes.readUInt32BE(20);
  const bits = bytes.readUInt32BE(16) * (SAMPLES_BY_COLOR_TYPE[colorType] ?? 4) * bitDepth;
  const rowBytes = 1 + Math.ceil(bits / 8);
  const there = await inflate(Buffer.concat(data), {
    finishFlush: constants.Z_SYNC_FLUSH,
    maxOutputLength: rowBytes * height + 1,
  });
  // Of filter 0, and black or transparent.
  const all = Buffer.alloc(rowBytes * height);
  const rows = Math.min(height, Math.floor(there.length / rowBytes));
  there.copy(all, 0, 0, rows * rowBytes);
  const idat = makePngChunk("IDAT", await deflate(all, { level: FASTEST }));
  const file = Buffer.concat([bytes.subarray(0, before), idat, makePngChunk("IEND", Buffer.alloc(0))]);
  return { bytes: file, rows: rows / height, isCoarse: false };
}

/** What stands before the first IDAT, and what all of them hold, the last as far as it is there; nothing after the end. */
function dataOf(bytes: Buffer): { before: number; data: Buffer[] } {
  const data: Buffer[] = [];
  let before = 0;
  for (const chunk of pngChunks(bytes)) {
    if (chunk.type === "IEND") return { before: 0, data: [] };
    if (chunk.type !== "IDAT") continue;
    if (data.length === 0) before = chunk.at;
    data.push(chunk.data);
  }
  return { before, data };
}
