// What the color chunks of a PNG say (PNG 3rd edition §4.3): cICP before iCCP before sRGB before gAMA with cHRM.

import { inflateSync } from "node:zlib";
import { ByteReader } from "../headers/header.ts";
import type { CodePoints } from "./code-points.ts";
import { type Chromaticities, type ColorSpace, gammaCurve, SRGB_PRIMARIES, spaceOf } from "./color-space.ts";

export interface PngColor {
  codePoints: CodePoints | null;
  profile: Uint8Array | null;
  isSrgb: boolean;
  /** Of gAMA and cHRM. */
  space: ColorSpace | null;
}

const MAX_PROFILE_BYTES = 16 * 1024 * 1024;
const AFTER_IHDR = 33;
/** gAMA alone with sRGB's value says sRGB, whose curve it only approaches. */
const SRGB_GAMMA = 45_455;

export function readPngColor(png: Uint8Array): PngColor {
  const reader = new ByteReader(png);
  const chunks = new Map<string, number>();
  for (let at = AFTER_IHDR; reader.has(at, 12); at += 12 + reader.u32(at)) {
    const type = reader.ascii(at + 4, 4);
    if (type === "IDAT") break;
    if (!chunks.has(type)) chunks.set(type, at + 8);
  }
  const cicp = chunks.get("cICP");
  return {
    codePoints: cicp === undefined ? null : codePointsAt(reader, cicp),
    profile: profileOf(png, reader, chunks.get("iCCP")),
    isSrgb: chunks.has("sRGB"),
    space: gammaSpace(reader, chunks.get("gAMA"), chunks.get("cHRM")),
  };
}

/** Null for what is not RGB from black to white: it counts for nothing, as in browsers. */
function codePointsAt(reader: ByteReader, at: number): CodePoints | null {
  const [rgb, fullRange] = [0, 1];
  if (reader.u8(at + 2) !== rgb || reader.u8(at + 3) !== fullRange) return null;
  return { primaries: reader.u8(at), transfer: reader.u8(at + 1) };
}

/** Inflated here: decoders keep profiles back that they take for a mistake, and browsers use. */
function profileOf(png: Uint8Array, reader: ByteReader, at: number | undefined): Uint8Array | null {
  if (at === undefined) return null;
  const end = at + reader.u32(at - 8);
  const name = png.indexOf(0, at);
  if (name < 0 || name + 2 > end || end > png.length) return null;
  try {
    return inflateSync(png.subarray(name + 2, end), { maxOutputLength: MAX_PROFILE_BYTES });
  } catch {
    return null;
  }
}

function gammaSpace(reader: ByteReader, gama: number | undefined, chrm: number | undefined): ColorSpace | null {
  if (gama === undefined) return null;
  const gamma = reader.u32(gama);
  if (gamma === 0) return null;
  const curve = gammaCurve(100_000 / gamma);
  if (chrm === undefined) return Math.abs(gamma - SRGB_GAMMA) <= 5 ? null : spaceOf(SRGB_PRIMARIES, curve);
  const [xw, yw, ...rgb] = Array.from({ length: 8 }, (_, i) => reader.u32(chrm + 4 * i) / 100_000);
  return spaceOf([...rgb, xw, yw] as unknown as Chromaticities, curve);
}
