// A picture file's bytes → planar floats in sRGB: header against the limits first, then orientation, the one meaning of
// its colors to sRGB, 16 bits a channel kept. Shrinks while loading when the job needs less.

import { type LearnedFile, takeLearned } from "../learned/style-file.ts";
import type { Picture } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MIN_SIDE_PX } from "../protocol/limits.ts";
import { checkMask, toMask } from "../protocol/mask.ts";
import { isMaskRole, type PictureRole } from "../protocol/request.ts";
import { longSide, type Size, shrunkSide } from "../protocol/sizing.ts";
import { sharp } from "./codec.ts";
import { convertByTable } from "./color/by-table.ts";
import { convertToSrgb } from "./color/to-srgb.ts";
import { completeJpeg } from "./cut-off/cut-jpeg.ts";
import { type CutPicture, cutWords, withoutMissing } from "./cut-off/cut-picture.ts";
import { completePng } from "./cut-off/cut-png.ts";
import { decodeFailure } from "./decode-failure.ts";
import { ByteReader, KindError, type PictureHeader } from "./headers/header.ts";
import { isPng } from "./headers/png.ts";
import { openHeic } from "./open-heic.ts";
import { openWithSharp } from "./open-with-sharp.ts";
import { dropSpareChunks } from "./png-chunks.ts";
import { showFirstFrame } from "./png-frames.ts";
import { readPictureHeader } from "./read-header.ts";
import { type TargetSide, toPlanar } from "./samples.ts";

/** What is no more opaque than this counts as transparent, as in native/image/picture.cc: half a step of 8 bits. */
const LEAST_ALPHA = 1 / 512;

/** With less of a picture, its file is of no use. */
const LEAST_ROWS = 0.5;

export interface DecodeOptions {
  /** Shrink to this long side, px, but not below MIN_SIDE_PX on the short one; a smaller picture stays as it is. */
  maxSide?: number;
}

export interface DecodedPicture {
  picture: Picture;
  /** As stored, after orientation, before shrinking, px. */
  sourceWidth: number;
  sourceHeight: number;
  bitDepth: 8 | 16;
  /** Pixels per inch; null where the file does not say. */
  density: number | null;
  /** What paints quick pictures in this style, where the file is a learned one. */
  learned?: LearnedFile;
  /** What a person should know: only the first frame was taken, and the like. */
  notes: string[];
}

/**
 * @param given the whole file
 * @param name how to call it in a message
 * @throws ImpastoError unsupported-picture, bad-picture, picture-too-large, out-of-memory or out-of-threads
 */
export async function decodePicture(
  given: Uint8Array,
  name: string,
  { maxSide }: DecodeOptions = {},
): Promise<DecodedPicture> {
  const bytes = isPng(new ByteReader(given)) ? showFirstFrame(dropSpareChunks(given)) : given;
  const header = readPictureHeader(bytes, name);
  try {
    return await decode(bytes, name, header, maxSide);
  } catch (error) {
    const failure = decodeFailure(name, error);
    if (failure.code !== "bad-picture") throw failure;
    const cut = await complete(bytes, header).catch(() => null);
    if (cut === null) throw failure;
    return await decodeCut(cut, name, header, maxSide);
  }
}

/** Null for a file that has its end, and for kinds of which nothing is shown without. */
async function complete(bytes: Uint8Array, { format }: PictureHeader): Promise<CutPicture | null> {
  if (format === "png") return await completePng(bytes);
  return format === "jpeg" ? await completeJpeg(bytes) : null;
}

/** What is there of it, as a browser shows it, where that is the most. */
async function decodeCut(
  cut: CutPicture,
  name: string,
  header: PictureHeader,
  maxSide: number | undefined,
): Promise<DecodedPicture> {
  if (cut.rows < LEAST_ROWS) {
    const there = cut.rows > 0 ? `only ${Math.round(100 * cut.rows)} % of it is there` : "too little of it is there";
    throw new ImpastoError("bad-picture", `${name} ends early: ${there}.`, { hint: "Copy or download it again." });
  }
  try {
    const decoded = await decode(cut.bytes, name, header, maxSide);
    const { orientation = 1 } = await sharp(cut.bytes).metadata();
    const words = cutWords(cut, orientation);
    return {
      ...decoded,
      picture: withoutMissing(decoded.picture, cut.rows, orientation),
      notes: [...(words === null ? [] : [words]), ...decoded.notes],
    };
  } catch (error) {
    throw decodeFailure(name, error);
  }
}

/** @throws ImpastoError for a picture that no engine can work with: too small, or nothing to see in it */
export function requireUsable(decoded: DecodedPicture, name: string, role: PictureRole = "content"): void {
  const { picture, sourceWidth, sourceHeight } = decoded;
  if (isMaskRole(role)) {
    checkMask(toMask(picture), role, name);
    return;
  }
  if (Math.min(sourceWidth, sourceHeight) < MIN_SIDE_PX) {
    throw new ImpastoError(
      "bad-picture",
      `${name} is ${sourceWidth} × ${sourceHeight} px; at least ${MIN_SIDE_PX} px a side are needed.`,
    );
  }
  const alpha = picture.data.subarray(3 * picture.width * picture.height);
  if (alpha.length > 0 && alpha.every((value) => value <= LEAST_ALPHA)) {
    throw new ImpastoError("bad-picture", `${name} is transparent everywhere.`, {
      hint: "Choose a picture with something to see in it.",
    });
  }
}

async function decode(
  bytes: Uint8Array,
  name: string,
  header: PictureHeader,
  maxSide: number | undefined,
): Promise<DecodedPicture> {
  const opened =
    header.format === "heic" ? await openHeic(bytes, name, header) : await openWithSharp(bytes, name, header);
  const { sourceWidth, sourceHeight, bitDepth, meaning, density, pages } = opened;
  if (meaning.kind === "hdr") {
    throw new KindError(
      "is an HDR picture (PQ or HLG), whose brightness a screen's picture does not have",
      "Tone-map it in an image editor and export it as a picture in sRGB or Display P3.",
    );
  }
  let samples = await opened.read(targetOf({ width: sourceWidth, height: sourceHeight }, maxSide));
  if (meaning.kind === "table" && !opened.isConverted) samples = await convertByTable(samples, meaning.profile);
  const picture = toPlanar(samples);
  if (meaning.kind === "space") convertToSrgb(picture, meaning.space);
  const learned = header.format === "jpeg" ? takeLearned(bytes) : null;
  const notes = notesOf(header, pages);
  return { picture, sourceWidth, sourceHeight, bitDepth, density, ...(learned && { learned }), notes };
}

/** Undefined where the picture stays as it is. */
function targetOf(source: Size, maxSide: number | undefined): TargetSide {
  const side = maxSide === undefined ? longSide(source) : shrunkSide(source, maxSide);
  return side >= longSide(source) ? undefined : side;
}

function notesOf({ pages: told, tiff }: PictureHeader, decoderPages: number): string[] {
  const pages = tiff === undefined ? Math.max(told, decoderPages) : told;
  return pages > 1 ? [`has ${pages} frames or pages; the first was taken`] : [];
}
