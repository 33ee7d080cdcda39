// A picture file's bytes → planar floats in sRGB: header against the limits first, then orientation (EXIF),
// color profile to sRGB, 16 bits a channel kept. Shrinks while loading when the job needs less.

import type { Sharp } from "sharp";
import { isThreadRefusal, outOfThreads } from "../out-of-threads.ts";
import type { Picture } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_AREA_PX, MIN_SIDE_PX } from "../protocol/limits.ts";
import { shrunkSide } from "../protocol/sizing.ts";
import { sharp } from "./codec.ts";
import { badPicture, type PictureHeader } from "./headers/header.ts";
import { isSrgbProfile } from "./icc.ts";

import { readPictureHeader } from "./read-header.ts";

/** A decoder that takes longer than this is stopped. */
const DECODE_TIMEOUT_SECONDS = 30;

/** What is no more opaque than this counts as transparent, as in native/image/picture.cc: half a step of 8 bits. */
const LEAST_ALPHA = 1 / 512;

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
  /** What a person should know: only the first frame was taken, and the like. */
  notes: string[];
}

/**
 * @param bytes the whole file
 * @param name how to call it in a message
 * @throws ImpastoError unsupported-picture, bad-picture, picture-too-large or out-of-threads
 */
export async function decodePicture(
  bytes: Uint8Array,
  name: string,
  { maxSide }: DecodeOptions = {},
): Promise<DecodedPicture> {
  const header = readPictureHeader(bytes, name);
  try {
    return await decode(bytes, header, maxSide);
  } catch (error) {
    if (isThreadRefusal(error)) throw outOfThreads(error);
    throw badPicture(name, "it is damaged or incomplete", error);
  }
}

/** @throws ImpastoError("bad-picture") for a picture that no engine can work with: too small, or nothing to see in it */
export function requireUsable({ picture, sourceWidth, sourceHeight }: DecodedPicture, name: string): void {
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

async function decode(bytes: Uint8Array, header: PictureHeader, maxSide: number | undefined): Promise<DecodedPicture> {
  const options = { failOn: "error", limitInputPixels: MAX_AREA_PX } as const;
  const metadata = await sharp(bytes, options).metadata();
  if (metadata.width !== header.width || metadata.height !== header.height) {
    throw new Error(
      `the header says ${header.width} × ${header.height}, the decoder ${metadata.width} × ${metadata.height}`,
    );
  }
  const { width: sourceWidth, height: sourceHeight } = metadata.autoOrient;
  const bitDepth = metadata.depth === "uchar" ? 8 : 16;
  const ignoreIcc = metadata.icc !== undefined && isSrgbProfile(metadata.icc);
  let image = sharp(bytes, { ...options, ignoreIcc }).autoOrient();
  if (maxSide !== undefined) {
    const side = shrunkSide({ width: sourceWidth, height: sourceHeight }, maxSide);
    image = image.resize({ width: side, height: side, fit: "inside", withoutEnlargement: true });
  }
  // libvips works on 16-bit pictures with a profile in P3; naming the profile brings them back to sRGB.
  if (bitDepth === 16 && metadata.icc !== undefined && !ignoreIcc) image = image.withIccProfile("srgb");
  const picture = await toPlanar(image.timeout({ seconds: DECODE_TIMEOUT_SECONDS }), bitDepth);
  return { picture, sourceWidth, sourceHeight, bitDepth, notes: notesOf(header, metadata.pages) };
}

function notesOf(header: PictureHeader, decoderPages: number | undefined): string[] {
  const pages = Math.max(header.pages, decoderPages ?? 1);
  return pages > 1 ? [`has ${pages} frames or pages; the first was taken`] : [];
}

/** Interleaved integers → planar [channels, height, width] floats in 0 … 1 (copies). */
async function toPlanar(image: Sharp, bitDepth: 8 | 16): Promise<Picture> {
  const output =
    bitDepth === 8 ? image.toColourspace("srgb").raw() : image.toColourspace("rgb16").raw({ depth: "ushort" });
  const { data, info } = await output.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) throw new Error(`expected 3 or 4 channels but received ${channels}`);
  const samples = bitDepth === 8 ? data : new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const scale = bitDepth === 8 ? 255 : 65_535;
  const plane = width * height;
  if (samples.length !== plane * channels)
    throw new Error(`expected ${plane * channels} samples, got ${samples.length}`);
  const planar = new Float32Array(plane * channels);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < plane; i++) planar[channel * plane + i] = (samples[i * channels + channel] ?? 0) / scale;
  }
  return { width, height, channels, data: planar };
}
