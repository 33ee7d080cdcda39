// Picture files: read and decoded, encoded and written whole.

import { basename, extname } from "node:path";
import { type ReplaceOptions, readFileWhole, writeFileWhole } from "../files.ts";
import type { Picture } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { type DecodedPicture, type DecodeOptions, decodePicture } from "./decode.ts";
import { type EncodeOptions, encodePicture, type OutputFormat, outputFormatOf } from "./encode.ts";
import { embedPngText, RECIPE_KEYWORD } from "./png-text.ts";
import { checkFileSize } from "./read-header.ts";

/** @throws ImpastoError of the file (file-not-found, file-not-readable) or of the picture (see decodePicture) */
export async function readPictureFile(path: string, options: DecodeOptions = {}): Promise<DecodedPicture> {
  const name = basename(path);
  const bytes = await readFileWhole(path, (size) => checkFileSize(size, name));
  return decodePicture(bytes, name, options);
}

export interface WriteOptions extends EncodeOptions, ReplaceOptions {
  /** Put into the file where it is a PNG; other formats have no place for it. */
  recipe?: string;
}

/** @throws ImpastoError disk-full, file-not-writable, or bad-request for an extension without a format */
export async function writePictureFile(path: string, picture: Picture, options: WriteOptions = {}): Promise<void> {
  const format = formatOfPath(path);
  const bytes = await encodePicture(picture, format, options);
  const { recipe } = options;
  const isTold = recipe !== undefined && format === "png";
  await writeFileWhole(path, isTold ? embedPngText(bytes, RECIPE_KEYWORD, recipe) : bytes, options);
}

/** @throws ImpastoError("bad-request") for an extension that stands for no format that is written */
export function formatOfPath(path: string): OutputFormat {
  const extension = extname(path);
  const format = outputFormatOf(extension);
  if (format !== undefined) return format;
  const what = extension === "" ? `${path} has no extension` : `${extension} is not a format that is written`;
  throw new ImpastoError("bad-request", `${what}.`, { hint: "End the name in .png, .jpg, .webp or .tif." });
}
