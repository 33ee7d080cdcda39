// Text inside a PNG: iTXt chunks (PNG 1.2 §11.3.4.5), UTF-8, uncompressed.

import { insertPngChunk, pngChunks } from "./png-chunks.ts";

/** Of the chunk that holds a result's recipe as JSON. */
export const RECIPE_KEYWORD = "impasto";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** The checksum after a chunk's data. */
const CHUNK_TAIL = 4;

/** A copy of the PNG with the text under `keyword` (1-79 Latin-1 characters). */
export function embedPngText(png: Uint8Array, keyword: string, text: string): Uint8Array {
  // After the keyword: not compressed, method 0, no language, no translated keyword.
  const head = Buffer.from(`${keyword}\0\0\0\0\0`, "latin1");
  return insertPngChunk(png, "iTXt", Buffer.concat([head, Buffer.from(text, "utf8")]));
}

/** The first uncompressed text under `keyword`; null when there is none or the file is no PNG. */
export function readPngText(png: Uint8Array, keyword: string): string | null {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return null;
  for (const { type, end, data } of pngChunks(bytes)) {
    if (type === "IEND" || end - CHUNK_TAIL > bytes.length) return null;
    const text = type === "iTXt" ? parseText(data, keyword) : null;
    if (text !== null) return text;
  }
  return null;
}

function parseText(data: Buffer, keyword: string): string | null {
  const endOfKeyword = data.indexOf(0);
  if (endOfKeyword < 0 || data.toString("latin1", 0, endOfKeyword) !== keyword) return null;
  const isCompressed = data[endOfKeyword + 1] !== 0;
  const endOfLanguage = data.indexOf(0, endOfKeyword + 3);
  const endOfTranslation = endOfLanguage < 0 ? -1 : data.indexOf(0, endOfLanguage + 1);
  return isCompressed || endOfTranslation < 0 ? null : data.toString("utf8", endOfTranslation + 1);
}
