// Picture files: read and decoded, encoded and written whole.

import { createHash } from "node:crypto";
import { extname } from "node:path";
import { fileName, type ReplaceOptions, readFileWhole, writeFileWhole } from "../files.ts";
import type { Picture } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { OutputFormat } from "../protocol/picture-kinds.ts";
import { isStdout } from "../standard-streams.ts";
import { writeStdout } from "../write-stdout.ts";
import { type DecodedPicture, type DecodeOptions, decodePicture } from "./decode.ts";
import { type EncodeOptions, encodePicture, outputFormatOf } from "./encode.ts";
import { embedPngText, RECIPE_KEYWORD } from "./png-text.ts";
import { checkFileSize } from "./read-header.ts";

export interface ReadPicture extends DecodedPicture {
  /** Of the file's bytes: a pipe gives them once. */
  sha256: string;
}

/** @throws ImpastoError of the file (file-not-found, file-not-readable) or of the picture (see decodePicture) */
export async function readPictureFile(path: string, options: DecodeOptions = {}): Promise<ReadPicture> {
  const name = fileName(path);
  const bytes = await readFileWhole(path, (size) => checkFileSize(size, name));
  const decoded = await decodePicture(bytes, name, options);
  return { ...decoded, sha256: createHash("sha256").update(bytes).digest("hex") };
}

export interface WriteOptions extends EncodeOptions, ReplaceOptions {
  /** Where absent: what the path's extension stands for. */
  format?: OutputFormat;
  /** Put into the file where it is a PNG; other formats have no place for it. */
  recipe?: string;
}

/** Tells how many bytes it took; "-" is stdout. @throws ImpastoError disk-full, file-not-writable, or bad-request for an extension without a format */
export async function writePictureFile(path: string, picture: Picture, options: WriteOptions = {}): Promise<number> {
  const { format = formatOfPath(path) } = options;
  const bytes = await encodePicture(picture, format, options);
  const { recipe } = options;
  const isTold = recipe !== undefined && format === "png";
  const file = isTold ? embedPngText(bytes, RECIPE_KEYWORD, recipe) : bytes;
  if (isStdout(path)) await writeStdout(file);
  else await writeFileWhole(path, file, options);
  return file.length;
}

/** PNG for stdout. @throws ImpastoError("bad-request") for an extension that stands for no format that is written */
export function formatOfPath(path: string): OutputFormat {
  if (isStdout(path)) return "png";
  const extension = extname(path);
  const format = outputFormatOf(extension);
  if (format !== undefined) return format;
  const what =
    path === ""
      ? "An empty name"
      : extension === ""
        ? `${path} has no extension`
        : `${extension} is not a format that is written`;
  throw new ImpastoError("bad-request", `${what}.`, { hint: "End the name in .png, .jpg, .webp or .tif." });
}
