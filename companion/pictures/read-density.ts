// How many pixels of a picture make an inch, where its file says so. Decoders tell a number of their own where it does not.

import { ByteReader, HeaderError, type PictureHeader } from "./headers/header.ts";
import { readTiffDensity } from "./headers/tiff.ts";

const INCH_IN_METERS = 0.0254;
const INCH_IN_CENTIMETERS = 2.54;
const MAX_DENSITY = 65_535;

/**
 * @param exif as decoders give it, with or without "Exif" in front
 * @returns null where nothing is said, or nonsense
 */
export function readDensity(bytes: Uint8Array, { format }: PictureHeader, exif: Uint8Array | undefined): number | null {
  const density = tryRead(() => {
    if (format === "png") return pngDensity(new ByteReader(bytes));
    if (format === "tiff") return readTiffDensity(new ByteReader(bytes));
    return format === "jpeg" ? jfifDensity(new ByteReader(bytes)) : null;
  });
  const said = density ?? (exif === undefined ? null : tryRead(() => exifDensity(exif)));
  if (said === null || !(said >= 1 && said <= MAX_DENSITY)) return null;
  // Centimeters and meters leave a rest that nobody meant.
  const whole = Math.round(said);
  return Math.abs(said - whole) < 0.02 ? whole : said;
}

function tryRead(read: () => number | null): number | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof HeaderError) return null;
    throw error;
  }
}

function pngDensity(reader: ByteReader): number | null {
  const meter = 1;
  for (let at = 8; reader.has(at, 12); at += 12 + reader.u32(at)) {
    const type = reader.ascii(at + 4, 4);
    if (type === "IDAT") return null;
    if (type === "pHYs") return reader.u8(at + 16) === meter ? reader.u32(at + 8) * INCH_IN_METERS : null;
  }
  return null;
}

/** JFIF stands right behind the beginning. */
function jfifDensity(reader: ByteReader): number | null {
  if (reader.u16(2) !== 0xffe0 || reader.ascii(6, 5) !== "JFIF\0") return null;
  const density = reader.u16(14);
  if (reader.u8(13) === 1) return density;
  return reader.u8(13) === 2 ? density * INCH_IN_CENTIMETERS : null;
}

function exifDensity(exif: Uint8Array): number | null {
  const isMarked = String.fromCharCode(...exif.subarray(0, 4)) === "Exif";
  return readTiffDensity(new ByteReader(isMarked ? exif.subarray(6) : exif));
}
