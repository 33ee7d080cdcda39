// Which of the formats a file is, by its first bytes, and how large it says it is. Loads no decoder.

import { ImpastoError } from "../protocol/errors.ts";
import { beginningOf, foreignKind } from "../protocol/file-beginnings.ts";
import { MAX_AREA_PX, MAX_BLOB_BYTES, MAX_SIDE_PX } from "../protocol/limits.ts";
import { READ_KINDS } from "../protocol/picture-kinds.ts";
import { refuseRawBeginning } from "./headers/camera-raw.ts";
import { ByteReader, badPicture, HeaderError, KindError, type PictureHeader } from "./headers/header.ts";
import { isAvif, isHeic, readAvifHeader, readHeicHeader } from "./headers/heif.ts";
import { isJpeg, readJpegHeader } from "./headers/jpeg.ts";
import { isPng, readPngHeader } from "./headers/png.ts";
import { isTiff, readTiffHeader } from "./headers/tiff.ts";
import { isWebp, readWebpHeader } from "./headers/webp.ts";

const READERS: { is: (reader: ByteReader) => boolean; read: (reader: ByteReader) => PictureHeader }[] = [
  { is: isPng, read: readPngHeader },
  { is: isJpeg, read: readJpegHeader },
  { is: isWebp, read: readWebpHeader },
  { is: isAvif, read: readAvifHeader },
  { is: isHeic, read: readHeicHeader },
  { is: isTiff, read: readTiffHeader },
];

/**
 * Reads the header of a picture and holds it against the limits.
 * @param bytes the whole file
 * @param name how to call it in a message
 * @throws ImpastoError unsupported-picture, bad-picture or picture-too-large
 */
export function readPictureHeader(bytes: Uint8Array, name: string): PictureHeader {
  if (bytes.byteLength === 0) throw badPicture(name, "it is empty");
  checkFileSize(bytes.byteLength, name);
  const reader = new ByteReader(bytes);
  let header: PictureHeader;
  try {
    refuseRawBeginning(beginningOf(bytes));
    const format = READERS.find((candidate) => candidate.is(reader));
    if (format === undefined) throw unsupported(bytes, name);
    header = format.read(reader);
  } catch (error) {
    if (error instanceof HeaderError) throw badPicture(name, error.message, error);
    if (error instanceof KindError) throw unsupportedKind(name, error);
    throw error;
  }
  checkSize(header, name);
  if (header.bound !== undefined) checkSize(header.bound, name);
  return header;
}

/** @throws ImpastoError("picture-too-large") for a file that is not even worth reading. */
export function checkFileSize(size: number, name: string): void {
  if (size <= MAX_BLOB_BYTES) return;
  throw tooLarge(`${name} has ${megabytes(size)} MB`, `more than ${megabytes(MAX_BLOB_BYTES)} MB`);
}

/** @throws ImpastoError bad-picture or picture-too-large */
export function checkSize({ width, height }: { width: number; height: number }, name: string): void {
  if (width < 1 || height < 1) throw badPicture(name, `its header says ${width} × ${height} px`);
  const what = `${name} is ${width} × ${height} px`;
  if (Math.max(width, height) > MAX_SIDE_PX) throw tooLarge(what, `a side of more than ${MAX_SIDE_PX} px`);
  if (width * height > MAX_AREA_PX) throw tooLarge(what, `more than ${MAX_AREA_PX / 1024 / 1024} megapixels`);
}

function tooLarge(what: string, limit: string): ImpastoError {
  return new ImpastoError("picture-too-large", `${what}; ${limit} is not read.`, { hint: "Make it smaller first." });
}

function unsupported(bytes: Uint8Array, name: string): ImpastoError {
  const kind = foreignKind(beginningOf(bytes));
  const what = kind === null ? "is not a picture that Impasto can read" : `is ${kind}`;
  return new ImpastoError("unsupported-picture", `${name} ${what}.`, {
    hint: `${READ_KINDS} are read; export it as one of these.`,
  });
}

export function unsupportedKind(name: string, error: KindError): ImpastoError {
  return new ImpastoError("unsupported-picture", `${name} ${error.message}.`, { hint: error.hint, cause: error });
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / (1024 * 1024));
}
