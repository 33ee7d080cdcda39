// AVIF and HEIC (ISO/IEC 23008-12, HEIF): boxes inside boxes. The size of the picture is its item's `ispe`, cut by `clap`
// and turned by `irot` (§6.5); other items (alpha, tiles, thumbnails) have sizes too, and a lie in any of them is a bomb, so the
// largest sides of all are told beside it.

import type { CodePoints } from "../color/code-points.ts";
import { type ByteReader, HeaderError, KindError, type PictureHeader } from "./header.ts";

const AVIF_BRANDS = new Set(["avif", "avis"]);
const HEIC_BRANDS = new Set(["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"]);
/** Of any codec; what is inside tells. */
const NEUTRAL_BRANDS = new Set(["mif1", "msf1", "mif2"]);
const MAX_BOXES = 4096;
const MAX_DEPTH = 8;
/** Version and flags come first. */
const FULL_CONTAINERS = new Set(["meta", "iref"]);
const CONTAINERS = new Set(["moov", "trak", "mdia", "minf", "stbl", "iprp", "ipco"]);

interface Box {
  type: string;
  /** Of what it holds. */
  start: number;
  end: number;
}

interface Boxes {
  /** Of `ipco`, in their order: the properties that items name by number, from 1. */
  properties: Box[];
  associations: Box | null;
  primary: Box | null;
  /** `stsz` of each track: how many frames a sequence has. */
  sampleSizes: Box[];
  /** `prem` of `iref`: some item's colors are stored multiplied by alpha. */
  isPremultiplied: boolean;
}

export function isAvif(reader: ByteReader): boolean {
  return codecOf(reader) === "avif";
}

export function isHeic(reader: ByteReader): boolean {
  return codecOf(reader) === "heic";
}

export function readAvifHeader(reader: ByteReader): PictureHeader {
  return readHeader(reader, "avif");
}

export function readHeicHeader(reader: ByteReader): PictureHeader {
  return readHeader(reader, "heic");
}

function codecOf(reader: ByteReader): "avif" | "heic" | null {
  if (!reader.has(0, 12) || reader.ascii(4, 4) !== "ftyp") return null;
  const end = Math.min(reader.u32(0), reader.length, 256);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12) brands.push(reader.ascii(at, 4));
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return "avif";
  if (brands.some((brand) => HEIC_BRANDS.has(brand))) return "heic";
  if (!brands.some((brand) => NEUTRAL_BRANDS.has(brand))) return null;
  try {
    const types = new Set(collect(reader).properties.map(({ type }) => type));
    return types.has("hvcC") ? "heic" : types.has("av1C") ? "avif" : null;
  } catch {
    return null;
  }
}

function readHeader(reader: ByteReader, format: "avif" | "heic"): PictureHeader {
  const boxes = collect(reader);
  const bound = { width: 0, height: 0 };
  for (const { type, start } of boxes.properties) {
    if (type !== "ispe") continue;
    bound.width = Math.max(bound.width, reader.u32(start + 4));
    bound.height = Math.max(bound.height, reader.u32(start + 8));
  }
  if (bound.width === 0) throw new HeaderError("it has no size in its header");
  const own = propertiesOfPrimary(reader, boxes);
  const frames = boxes.sampleSizes.map(({ start }) => reader.u32(start + 8));
  if (boxes.primary === null && frames.length > 0) {
    throw new KindError("is an animation without a picture of its own", "Export the frame that you want as PNG.");
  }
  return {
    format,
    ...sizeOf(reader, own, bound),
    bound,
    pages: Math.max(1, ...frames),
    ...colorsOf(reader, own),
    ...(boxes.isPremultiplied && { isPremultiplied: true }),
    ...(isNarrowGray(reader, own) && { isNarrowGray: true }),
  };
}

/** In the order of the properties: cut, turn, each where it stands. */
function sizeOf(reader: ByteReader, own: readonly Box[], bound: { width: number; height: number }) {
  let { width, height } = bound;
  const ispe = own.find(({ type }) => type === "ispe");
  if (ispe !== undefined) [width, height] = [reader.u32(ispe.start + 4), reader.u32(ispe.start + 8)];
  for (const { type, start } of own) {
    if (type === "irot" && (reader.u8(start) & 1) === 1) [width, height] = [height, width];
    if (type !== "clap") continue;
    const [w, h] = [0, 8].map((at) => Math.round(reader.u32(start + at) / reader.u32(start + at + 4)));
    if (w !== undefined && h !== undefined && w >= 1 && h >= 1 && w <= width && h <= height) [width, height] = [w, h];
  }
  return { width, height };
}

function colorsOf(reader: ByteReader, own: readonly Box[]): { codePoints?: CodePoints; profileAt?: [number, number] } {
  const found: { codePoints?: CodePoints; profileAt?: [number, number] } = {};
  for (const { type, start, end } of own) {
    if (type !== "colr") continue;
    const kind = reader.ascii(start, 4);
    if (kind === "nclx") found.codePoints ??= { primaries: reader.u16(start + 4), transfer: reader.u16(start + 6) };
    else if (kind === "prof" || kind === "rICC") found.profileAt ??= [start + 4, end];
  }
  return found;
}

/** One plane (`av1C`: monochrome), with black at 16 and white at 235 (`colr`: not the full range). */
function isNarrowGray(reader: ByteReader, own: readonly Box[]): boolean {
  const codec = own.find(({ type }) => type === "av1C");
  const color = own.find(({ type, start }) => type === "colr" && reader.ascii(start, 4) === "nclx");
  if (codec === undefined || color === undefined) return false;
  return (reader.u8(codec.start + 2) & 0x10) !== 0 && (reader.u8(color.start + 10) & 0x80) === 0;
}

/** Empty where nothing is said of the primary item. */
function propertiesOfPrimary(reader: ByteReader, { properties, associations, primary }: Boxes): Box[] {
  if (associations === null || primary === null) return [];
  const wanted = reader.u8(primary.start) === 0 ? reader.u16(primary.start + 4) : reader.u32(primary.start + 4);
  const { start } = associations;
  const hasLongIds = reader.u8(start) > 0;
  const isWide = (reader.u8(start + 3) & 1) === 1;
  let at = start + 8;
  for (let entries = reader.u32(start + 4); entries > 0; entries--) {
    const item = hasLongIds ? reader.u32(at) : reader.u16(at);
    at += hasLongIds ? 4 : 2;
    const count = reader.u8(at);
    at += 1;
    const indices: number[] = [];
    for (let i = 0; i < count; i++, at += isWide ? 2 : 1) {
      indices.push(isWide ? reader.u16(at) & 0x7fff : reader.u8(at) & 0x7f);
    }
    if (item === wanted) return indices.flatMap((index) => properties[index - 1] ?? []);
  }
  return [];
}

function collect(reader: ByteReader): Boxes {
  const found: Boxes = { properties: [], associations: null, primary: null, sampleSizes: [], isPremultiplied: false };
  let left = MAX_BOXES;
  const visit = (start: number, end: number, depth: number, isProperties: boolean): void => {
    for (const box of boxesIn(reader, start, end)) {
      if (--left < 0 || depth > MAX_DEPTH) throw new HeaderError("its header is damaged");
      if (isProperties) found.properties.push(box);
      else if (box.type === "ipma") found.associations ??= box;
      else if (box.type === "pitm") found.primary ??= box;
      else if (box.type === "stsz") found.sampleSizes.push(box);
      else if (box.type === "prem") found.isPremultiplied = true;
      else if (FULL_CONTAINERS.has(box.type)) visit(box.start + 4, box.end, depth + 1, false);
      else if (CONTAINERS.has(box.type)) visit(box.start, box.end, depth + 1, box.type === "ipco");
    }
  };
  visit(0, reader.length, 0, false);
  return found;
}

function* boxesIn(reader: ByteReader, start: number, end: number): Generator<Box> {
  let at = start;
  while (at + 8 <= end) {
    let size = reader.u32(at);
    let header = 8;
    if (size === 1) {
      size = reader.u64(at + 8);
      header = 16;
    } else if (size === 0) {
      size = end - at;
    }
    if (size < header) throw new HeaderError("its header is damaged");
    yield { type: reader.ascii(at + 4, 4), start: at + header, end: Math.min(at + size, end) };
    at += size;
  }
}
