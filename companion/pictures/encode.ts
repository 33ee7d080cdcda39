// Planar floats in sRGB → the bytes of a picture file, with the sRGB profile embedded.

import type { Sharp } from "sharp";
import { isThreadRefusal, outOfThreads } from "../out-of-threads.ts";
import type { Picture } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { OutputFormat } from "../protocol/picture-kinds.ts";
import { sharp } from "./codec.ts";
import { embedPngProfile } from "./png-chunks.ts";
import { srgbProfile } from "./srgb-profile.ts";
import { withJpegDensity, withoutTiffDensity, withPngDensity } from "./write-density.ts";

/** JPEG and WebP at a quality where brush strokes show no blocks. */
const LOSSY_QUALITY = 95;

/** Filters chosen row by row: a quarter smaller than level 9 without them, in less time. */
const PNG_TO_KEEP = { compressionLevel: 6, adaptiveFiltering: true };
const PNG_IN_PASSING = { compressionLevel: 1 };

const EXTENSIONS: Record<string, OutputFormat> = {
  ".png": "png",
  ".jpg": "jpeg",
  ".jpeg": "jpeg",
  ".webp": "webp",
  ".tif": "tiff",
  ".tiff": "tiff",
};

export interface EncodeOptions {
  /** PNG and TIFF only. */
  bitDepth?: 8 | 16;
  /** PNG of 8 bits that goes no further than the next program: time counts, size does not. */
  inPassing?: boolean;
  /** Pixels per inch to write into the file; null or absent: none. */
  density?: number | null;
}

/** The format that an extension (".png", any case) stands for; undefined when none does. */
export function outputFormatOf(extension: string): OutputFormat | undefined {
  return EXTENSIONS[extension.toLowerCase()];
}

export function holdsSixteenBits(format: OutputFormat): boolean {
  return format === "png" || format === "tiff";
}

export function holdsAlpha(format: OutputFormat): boolean {
  return format !== "jpeg";
}

/**
 * Alpha is kept where the format holds it; JPEG gets white behind transparent pixels.
 * @throws ImpastoError("bad-request") for 16 bits in a format that has 8; ("out-of-threads")
 */
export async function encodePicture(
  picture: Picture,
  format: OutputFormat,
  options: EncodeOptions = {},
): Promise<Uint8Array> {
  try {
    return await encode(picture, format, options);
  } catch (error) {
    throw isThreadRefusal(error) ? outOfThreads(error) : error;
  }
}

async function encode(
  picture: Picture,
  format: OutputFormat,
  { bitDepth = 8, inPassing = false, density = null }: EncodeOptions,
): Promise<Uint8Array> {
  if (bitDepth === 16) return encodeSixteen(picture, format, density);
  const image = sharp(interleave(picture, Uint8Array, 255), { raw: rawShape(picture) }).withIccProfile("srgb");
  switch (format) {
    case "png":
      return withPngDensity(await image.png(inPassing ? PNG_IN_PASSING : PNG_TO_KEEP).toBuffer(), density);
    case "jpeg": {
      const jpeg = image.flatten({ background: "white" }).jpeg({ quality: LOSSY_QUALITY, chromaSubsampling: "4:4:4" });
      return withJpegDensity(await jpeg.toBuffer(), density);
    }
    case "webp":
      // WebP has no place for it but EXIF.
      return (density === null ? image : image.withMetadata({ density }))
        .webp({ quality: LOSSY_QUALITY, smartSubsample: true })
        .toBuffer();
    case "tiff":
      return encodeTiff(image, density);
  }
}

async function encodeTiff(image: Sharp, density: number | null): Promise<Uint8Array> {
  const options = { compression: "deflate", predictor: "horizontal" } as const;
  if (density === null) return withoutTiffDensity(await image.tiff(options).toBuffer());
  const perMillimeter = density / 25.4;
  return image.tiff({ ...options, xres: perMillimeter, yres: perMillimeter, resolutionUnit: "inch" }).toBuffer();
}

/**
 * libvips takes 16-bit pixels without a profile for P3 and would convert them, so the profile is put
 * into the PNG by hand, and a TIFF is made from that PNG, which keeps profile and samples as they are.
 */
async function encodeSixteen(picture: Picture, format: OutputFormat, density: number | null): Promise<Uint8Array> {
  if (!holdsSixteenBits(format)) {
    throw new ImpastoError("bad-request", `${format.toUpperCase()} holds 8 bits a channel, not 16.`, {
      hint: "Take PNG or TIFF for 16 bits.",
    });
  }
  const image = sharp(interleave(picture, Uint16Array, 65_535), { raw: rawShape(picture) });
  const options = format === "png" ? PNG_TO_KEEP : { compressionLevel: 0 };
  const plain = await image.toColourspace("rgb16").png(options).toBuffer();
  const png = embedPngProfile(plain, "sRGB", await srgbProfile());
  if (format === "png") return withPngDensity(png, density);
  return encodeTiff(sharp(png, { ignoreIcc: true }).keepIccProfile().toColourspace("rgb16"), density);
}

function rawShape({ width, height, channels }: Picture) {
  return { width, height, channels };
}

/** Planar floats → interleaved integers, rounded; what lies outside 0 … 1 is clamped. */
function interleave<T extends Uint8Array | Uint16Array>(
  { width, height, channels, data }: Picture,
  Samples: new (length: number) => T,
  scale: number,
): T {
  const plane = width * height;
  const samples = new Samples(plane * channels);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < plane; i++) {
      const value = data[channel * plane + i] ?? 0;
      samples[i * channels + channel] = Math.round(Math.min(1, Math.max(0, value)) * scale);
    }
  }
  return samples;
}
