// Puts into a finished file how many pixels make an inch, or takes out what the encoder claimed without being told.

import { insertPngChunk, removePngChunks } from "./png-chunks.ts";

const INCH_IN_METERS = 0.0254;
const TAG_RESOLUTION_UNIT = 296;

/** PNG: the pHYs chunk. */
export function withPngDensity(png: Uint8Array, density: number | null): Uint8Array {
  const plain = removePngChunks(png, "pHYs");
  if (density === null) return plain;
  const data = Buffer.alloc(9);
  const perMeter = Math.round(density / INCH_IN_METERS);
  data.writeUInt32BE(perMeter, 0);
  data.writeUInt32BE(perMeter, 4);
  data[8] = 1; // a meter
  return insertPngChunk(plain, "pHYs", data);
}

/** JPEG: a JFIF segment in front, which the encoder leaves out beside a profile. */
export function withJpegDensity(jpeg: Uint8Array, density: number | null): Uint8Array {
  if (density === null) return jpeg;
  const segment = Buffer.from("\xff\xe0\0\x10JFIF\0\x01\x01\x01\0\0\0\0\0\0", "latin1");
  segment.writeUInt16BE(Math.round(density), 12);
  segment.writeUInt16BE(Math.round(density), 14);
  const afterStart = 2;
  return Buffer.concat([jpeg.subarray(0, afterStart), segment, jpeg.subarray(afterStart)]);
}

/** TIFF, little-endian as the encoder writes it: the unit "none" where nothing is to be said. */
export function withoutTiffDensity(tiff: Uint8Array): Uint8Array {
  const bytes = Buffer.from(tiff);
  const directory = bytes.readUInt32LE(4);
  for (let i = bytes.readUInt16LE(directory); i > 0; i--) {
    const entry = directory + 2 + 12 * (i - 1);
    if (bytes.readUInt16LE(entry) === TAG_RESOLUTION_UNIT) bytes.writeUInt16LE(1, entry + 8);
  }
  return bytes;
}
