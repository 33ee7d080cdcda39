// Everything but HEIC, decoded by libvips: samples as they are stored, without color management of its own but for inks.

import type { Metadata, Sharp } from "sharp";
import { MAX_AREA_PX } from "../protocol/limits.ts";
import { DECODE_TIMEOUT_SECONDS, sharp } from "./codec.ts";
import { colorMeaning } from "./color/color-meaning.ts";
import { KindError, type PictureHeader } from "./headers/header.ts";
import { type PixelLayout, type StoredSamples, toRgb, unpremultiply, widen } from "./odd-samples.ts";
import type { OpenedPicture } from "./opened-picture.ts";
import { readDensity } from "./read-density.ts";
import { checkSize } from "./read-header.ts";
import { asFloats, asSixteen, type Samples, shrink, shrinkSamples, type TargetSide, takeSamples } from "./samples.ts";

const DEPTHS = { uchar: 8, ushort: 16, float: 16, double: 16 } as const;
type Depth = keyof typeof DEPTHS;

export async function openWithSharp(bytes: Uint8Array, name: string, header: PictureHeader): Promise<OpenedPicture> {
  const readable = header.format === "avif" ? asStillAvif(bytes) : bytes;
  const open = (ignoreIcc: boolean): Sharp =>
    sharp(readable, {
      failOn: "error",
      limitInputPixels: MAX_AREA_PX,
      ignoreIcc,
      ...(header.tiff !== undefined && header.tiff.page > 0 && { page: header.tiff.page }),
    }).timeout({ seconds: DECODE_TIMEOUT_SECONDS });
  const metadata = await open(true).metadata();
  checkSize(metadata, name);
  const depth = depthOf(metadata);
  const layout = layoutOf(metadata, header);
  const meaning = colorMeaning(bytes, header, metadata.icc, colorsOf(metadata, layout));
  // lcms makes sRGB of inks by their profile.
  const isConverted = metadata.space === "cmyk" && meaning.kind === "table";
  const bitDepth = isConverted ? 8 : DEPTHS[depth];
  const read = async (side: TargetSide): Promise<Samples> => {
    if (!isConverted && isOdd(metadata, layout, header)) {
      const stored = await readAsStored(turn(open(true), header), depth, layout, metadata);
      return await shrinkSamples(header.isPremultiplied ? unpremultiply(stored) : stored, side);
    }
    const samples = await takeSamples(shrink(turn(open(!isConverted), header), side), bitDepth);
    return header.isNarrowGray ? widen(samples) : samples;
  };
  const seen = isTurned(header) ? metadata.autoOrient : metadata;
  return {
    sourceWidth: seen.width,
    sourceHeight: seen.height,
    bitDepth,
    density: readDensity(bytes, header, metadata.exif),
    pages: metadata.pages ?? 1,
    meaning,
    isConverted,
    read,
  };
}

/** Browsers show a WebP as it is stored, whatever EXIF says in it. */
function isTurned({ format }: PictureHeader): boolean {
  return format !== "webp";
}

function turn(image: Sharp, header: PictureHeader): Sharp {
  return isTurned(header) ? image.autoOrient() : image;
}

/** An animation's file calls itself one first of all, which libvips does not open; its picture is there all the same. */
function asStillAvif(bytes: Uint8Array): Uint8Array {
  const MAJOR_BRAND_AT = 8;
  const still = Buffer.from(bytes);
  still.write("avif", MAJOR_BRAND_AT, "latin1");
  return still;
}

function depthOf({ depth }: Metadata): Depth {
  if (depth in DEPTHS) return depth as Depth;
  throw new KindError(
    `stores its samples as numbers that are not read (${depth})`,
    "Convert it to 8 or 16 bits a channel in an image editor.",
  );
}

function layoutOf({ space, channels, hasAlpha }: Metadata, { tiff }: PictureHeader): PixelLayout {
  if (tiff !== undefined) return tiff;
  const colorChannels = space === "cmyk" ? 4 : space === "b-w" || space === "grey16" ? 1 : 3;
  return { channels, colorChannels, alphaAt: hasAlpha ? channels - 1 : null };
}

function colorsOf({ space }: Metadata, { colorChannels }: PixelLayout): 1 | 3 | 4 {
  return space === "cmyk" ? 4 : colorChannels === 1 ? 1 : 3;
}

/** Where libvips would see alpha that is none, or is in the colors, take floats for light, or mix inks by a profile of its own. */
function isOdd(
  { space, depth }: Metadata,
  { channels, colorChannels, alphaAt }: PixelLayout,
  { tiff, isPremultiplied }: PictureHeader,
) {
  if (isPremultiplied) return true;
  if (space === "cmyk" || depth === "float" || depth === "double") return true;
  const isPlain = channels === colorChannels || (channels === colorChannels + 1 && alphaAt === colorChannels);
  return tiff !== undefined && !isPlain;
}

async function readAsStored(image: Sharp, depth: Depth, layout: PixelLayout, { space }: Metadata): Promise<Samples> {
  const format = depth === "double" ? "float" : depth;
  const kept = image.pipelineColourspace(space).toColourspace(space).raw({ depth: format });
  const { data, info } = await kept.toBuffer({ resolveWithObject: true });
  const stored: StoredSamples = format === "uchar" ? data : format === "ushort" ? asSixteen(data) : asFloats(data);
  const { width, height, channels } = info;
  // libvips spreads gray over three channels on its way out.
  const isSpread = layout.colorChannels === 1 && channels === layout.channels + 2;
  const own = isSpread
    ? { channels, colorChannels: 3, alphaAt: layout.alphaAt === null ? null : layout.alphaAt + 2 }
    : { ...layout, channels };
  return toRgb(stored, width, height, own);
}
