// TIFF 6.0 and BigTIFF: the first directory that holds a whole picture; previews and masks are stepped over, each
// further picture is a page. Camera raw files are TIFFs too, and are known by what their directories hold.

import { rawErrorOfMaker } from "./camera-raw.ts";
import { type ByteReader, HeaderError, KindError, type PictureHeader, type TiffLayout } from "./header.ts";

const TAG = {
  subfileType: 254,
  width: 256,
  height: 257,
  compression: 259,
  photometric: 262,
  make: 271,
  samplesPerPixel: 277,
  planes: 284,
  xResolution: 282,
  resolutionUnit: 296,
  subDirectories: 330,
  tileWidth: 322,
  inkSet: 332,
  extraSamples: 338,
  cfaRepeat: 33_421,
  cfaPattern: 33_422,
  dngVersion: 50_706,
} as const;
const WANTED: ReadonlySet<number> = new Set(Object.values(TAG));
const BYTES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};
const RATIO = 5;
/** Of a text or a list, so many are looked at. */
const MAX_VALUES = 64;
const MAX_DIRECTORIES = 1000;

const IS_PREVIEW = 1;
const IS_MASK = 4;
/** A sensor's filters; and what is left of them without their colors. */
const RAW_PHOTOMETRICS = new Set([32_803, 34_892]);
/** Of Nikon, Sony, Pentax, Kodak, Samsung and DNG. */
const RAW_COMPRESSIONS = new Set([34_713, 32_767, 65_535, 65_000, 32_770, 34_892]);
const PHOTOMETRIC = { inks: 5, lumaAndChroma: 6, log: 32_844, logLuv: 32_845 } as const;
const COLOR_CHANNELS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 3, 5: 4, 6: 3 };
const LAB_PHOTOMETRICS = new Set([8, 9, 10]);
const UNIT = { none: 1, inch: 2, centimeter: 3 } as const;
const SEPARATE_PLANES = 2;
const ALPHA_KINDS = new Set([1, 2]);

/** JPEG's own, old and new: there the decoder makes RGB of luma and chroma. */
const JPEG_COMPRESSIONS = new Set([6, 7]);

/** Compressions that the decoder at hand was built without. */
const FOREIGN_COMPRESSIONS: Readonly<Record<number, string>> = {
  9: "JBIG",
  10: "JBIG",
  33003: "JPEG 2000",
  33004: "JPEG 2000",
  33005: "JPEG 2000",
  34661: "JBIG",
  34712: "JPEG 2000",
  22610: "JPEG XR",
  34933: "PNG",
  34934: "JPEG XR",
  34887: "LERC",
  34925: "LZMA",
  50000: "Zstandard",
  50001: "WebP",
  50002: "JPEG XL",
  50013: "Pixar's ZIP",
  52546: "JPEG XL",
};

/** Where the fields of a directory stand: TIFF has 12-byte entries, BigTIFF 20-byte ones. */
interface Layout {
  little: boolean;
  big: boolean;
}

interface Directory {
  tags: Map<number, number[]>;
  make: string;
  next: number;
}

export function isTiff(reader: ByteReader): boolean {
  if (!reader.has(0, 8)) return false;
  const order = reader.ascii(0, 2);
  if (order !== "II" && order !== "MM") return false;
  return [42, 43].includes(reader.u16(2, order === "II"));
}

/** Throws KindError for camera raw, and for what the decoder does not do. */
export function readTiffHeader(reader: ByteReader): PictureHeader {
  const directories = readDirectories(reader);
  const isPicture = ({ tags }: Directory) => (first(tags, TAG.subfileType, 0) & (IS_PREVIEW | IS_MASK)) === 0;
  // A file whose every picture calls itself a preview has a writer that took the flag for another thing.
  const page = Math.max(0, directories.findIndex(isPicture));
  const { tags } = directories[page] as Directory;
  const layout = layoutOf(tags, page);
  const pages = Math.max(1, directories.filter(isPicture).length);
  return { format: "tiff", width: first(tags, TAG.width, 0), height: first(tags, TAG.height, 0), pages, tiff: layout };
}

/** Pixels per inch by the first directory, also of EXIF, which is a TIFF; null where it does not say. */
export function readTiffDensity(reader: ByteReader): number | null {
  const little = reader.ascii(0, 2) === "II";
  const layout: Layout = { little, big: reader.u16(2, little) === 43 };
  const { tags } = readDirectory(reader, layout.big ? reader.u64(8, little) : reader.u32(4, little), layout);
  const resolution = tags.get(TAG.xResolution)?.[0];
  const unit = first(tags, TAG.resolutionUnit, UNIT.inch);
  if (resolution === undefined || unit === UNIT.none) return null;
  return unit === UNIT.centimeter ? resolution * 2.54 : resolution;
}

function readDirectories(reader: ByteReader): Directory[] {
  const little = reader.ascii(0, 2) === "II";
  const layout: Layout = { little, big: reader.u16(2, little) === 43 };
  const directories: Directory[] = [];
  let at = layout.big ? reader.u64(8, little) : reader.u32(4, little);
  while (at !== 0 && directories.length < MAX_DIRECTORIES) {
    const directory = directories.length === 0 ? readDirectory(reader, at, layout) : tryDirectory(reader, at, layout);
    if (directory === null) break;
    directories.push(directory);
    refuseRaw(reader, directory, directories[0]?.make ?? "", layout);
    at = directory.next;
  }
  if (directories.length === 0) throw new HeaderError("its header is damaged");
  return directories;
}

function refuseRaw(reader: ByteReader, directory: Directory, make: string, layout: Layout): void {
  if (isRaw(directory)) throw rawErrorOfMaker(directory.tags.has(TAG.dngVersion) ? "DNG" : make);
  for (const at of directory.tags.get(TAG.subDirectories) ?? []) {
    const below = tryDirectory(reader, at, layout);
    if (below !== null && isRaw(below)) throw rawErrorOfMaker(make);
  }
}

/** Of what is not the first picture: a broken one costs that nothing. */
function tryDirectory(reader: ByteReader, at: number, layout: Layout): Directory | null {
  try {
    return readDirectory(reader, at, layout);
  } catch (error) {
    if (!(error instanceof HeaderError) || reader.isSpent) throw error;
    return null;
  }
}

function isRaw({ tags }: Directory): boolean {
  return (
    tags.has(TAG.dngVersion) ||
    tags.has(TAG.cfaPattern) ||
    tags.has(TAG.cfaRepeat) ||
    RAW_PHOTOMETRICS.has(first(tags, TAG.photometric, -1)) ||
    RAW_COMPRESSIONS.has(first(tags, TAG.compression, 1))
  );
}

function layoutOf(tags: Directory["tags"], page: number): TiffLayout {
  const compression = FOREIGN_COMPRESSIONS[first(tags, TAG.compression, 1)];
  if (compression !== undefined) {
    throw new KindError(
      `is a TIFF compressed with ${compression}, which is not read`,
      "Save it again with LZW or ZIP compression, or with none.",
    );
  }
  const photometric = first(tags, TAG.photometric, 1);
  if (photometric === PHOTOMETRIC.log || photometric === PHOTOMETRIC.logLuv) {
    throw new KindError(
      "is an HDR picture (LogLuv)",
      "Tone-map it in an image editor and export a picture of 8 or 16 bits.",
    );
  }
  if (photometric === PHOTOMETRIC.lumaAndChroma && !JPEG_COMPRESSIONS.has(first(tags, TAG.compression, 1))) {
    throw new KindError(
      "is a TIFF in YCbCr colors, which are read from JPEG compression alone",
      "Convert it to RGB in an image editor first.",
    );
  }
  if (LAB_PHOTOMETRICS.has(photometric)) {
    throw new KindError("is a TIFF in Lab colors, which are not read", "Convert it to RGB in an image editor first.");
  }
  const isApart = first(tags, TAG.planes, 1) === SEPARATE_PLANES && first(tags, TAG.samplesPerPixel, 1) > 1;
  if (isApart && tags.has(TAG.tileWidth)) {
    throw new KindError(
      "is a TIFF whose channels are stored apart and in tiles, which is not read",
      "Save it again without tiles, or as PNG.",
    );
  }
  const palette = 3;
  const channels = photometric === palette ? 3 : first(tags, TAG.samplesPerPixel, 1);
  const extra = tags.get(TAG.extraSamples) ?? [];
  const colorChannels = COLOR_CHANNELS[photometric] ?? 3;
  const inks = channels - extra.length;
  if (photometric === PHOTOMETRIC.inks && (first(tags, TAG.inkSet, 1) !== 1 || inks !== 4)) {
    throw new KindError(
      `is a TIFF of ${inks} inks that are not just cyan, magenta, yellow and black`,
      "Convert it to RGB in an image editor first.",
    );
  }
  const alpha = extra.findIndex((kind) => ALPHA_KINDS.has(kind));
  const alphaAt = alpha >= 0 && colorChannels + alpha < channels ? colorChannels + alpha : null;
  return { page, alphaAt, colorChannels, channels };
}

function first(tags: Directory["tags"], tag: number, otherwise: number): number {
  return tags.get(tag)?.[0] ?? otherwise;
}

function readDirectory(reader: ByteReader, at: number, layout: Layout): Directory {
  const { little, big } = layout;
  const count = big ? reader.u64(at, little) : reader.u16(at, little);
  const begin = at + (big ? 8 : 2);
  const entryBytes = big ? 20 : 12;
  if (count > 65_535) throw new HeaderError("its header is damaged");
  const tags = new Map<number, number[]>();
  let make = "";
  for (let i = 0; i < count; i++) {
    const entry = begin + i * entryBytes;
    const tag = reader.u16(entry, little);
    if (!WANTED.has(tag)) continue;
    if (tag === TAG.make)
      make = String.fromCharCode(...readValues(reader, entry, layout))
        .replace(/\0.*$/s, "")
        .trim();
    else tags.set(tag, readValues(reader, entry, layout));
  }
  const end = begin + count * entryBytes;
  return { tags, make, next: big ? reader.u64(end, little) : reader.u32(end, little) };
}

function readValues(reader: ByteReader, entry: number, { little, big }: Layout): number[] {
  const type = reader.u16(entry + 2, little);
  const size = BYTES[type];
  if (size === undefined) return [];
  const count = big ? reader.u64(entry + 4, little) : reader.u32(entry + 4, little);
  const place = entry + (big ? 12 : 8);
  const isInside = count * size <= (big ? 8 : 4);
  const at = isInside ? place : big ? reader.u64(place, little) : reader.u32(place, little);
  return Array.from({ length: Math.min(count, MAX_VALUES) }, (_, i) => {
    const value = at + i * size;
    if (type === RATIO) return reader.u32(value, little) / reader.u32(value + 4, little);
    if (size === 1) return reader.u8(value);
    if (size === 2) return reader.u16(value, little);
    return size === 4 ? reader.u32(value, little) : reader.u64(value, little);
  });
}
