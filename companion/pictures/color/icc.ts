// ICC profiles (ICC.1:2022 and version 2) by their content: curves and a matrix, or a gray curve, are read here; tables
// are left to lcms inside libvips. What is no profile of the picture's channels, or is damaged, counts for nothing, as in browsers.

import { ByteReader, HeaderError } from "../headers/header.ts";
import { type ColorSpace, type Curve, gammaCurve, NEUTRAL_TO_XYZ } from "./color-space.ts";

export type IccMeaning = { kind: "space"; space: ColorSpace } | { kind: "table" } | { kind: "hdr" };

const TAGS_AT = 128;
const MAX_TAGS = 200;
const PQ = 16;
const HLG = 18;

/** @param channels of color: 1 gray, 3 RGB, 4 CMYK. */
export function readIcc(profile: Uint8Array, channels: 1 | 3 | 4): IccMeaning | null {
  try {
    return read(new ByteReader(profile), channels);
  } catch (error) {
    if (error instanceof HeaderError) return null;
    throw error;
  }
}

function read(reader: ByteReader, channels: 1 | 3 | 4): IccMeaning | null {
  if (reader.ascii(36, 4) !== "acsp") return null;
  const tags = tagsOf(reader);
  const space = reader.ascii(16, 4);
  const isTable = ["A2B0", "A2B1"].some((tag) => tags.has(tag));
  if (channels === 4) return space === "CMYK" && isTable ? { kind: "table" } : null;
  const cicp = tags.get("cicp");
  if (cicp !== undefined && [PQ, HLG].includes(reader.u8(cicp + 9))) return { kind: "hdr" };
  if (space === "GRAY") {
    const gray = channels === 1 ? curveOf(reader, tags.get("kTRC")) : null;
    return gray === null ? null : { kind: "space", space: { curves: [gray, gray, gray], toXyz: NEUTRAL_TO_XYZ } };
  }
  if (space !== "RGB ") return null;
  if (isTable) return { kind: "table" };
  const curves = ["rTRC", "gTRC", "bTRC"].map((tag) => curveOf(reader, tags.get(tag)));
  const [r, g, b] = ["rXYZ", "gXYZ", "bXYZ"].map((tag) => tags.get(tag));
  if (r === undefined || g === undefined || b === undefined || curves.includes(null)) return null;
  const rows = [8, 12, 16].flatMap((at) => [r, g, b].map((tag) => fixed(reader, tag + at)));
  return { kind: "space", space: { curves, toXyz: rows } as unknown as ColorSpace };
}

function tagsOf(reader: ByteReader): Map<string, number> {
  const count = reader.u32(TAGS_AT);
  if (count > MAX_TAGS) throw new HeaderError("its profile is damaged");
  const tags = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const at = TAGS_AT + 4 + 12 * i;
    tags.set(reader.ascii(at, 4), reader.u32(at + 4));
  }
  return tags;
}

function curveOf(reader: ByteReader, at: number | undefined): Curve | null {
  if (at === undefined) return null;
  const type = reader.ascii(at, 4);
  if (type === "para") return parametric(reader, at);
  if (type !== "curv") return null;
  const count = reader.u32(at + 8);
  if (count === 0) return gammaCurve(1);
  if (count === 1) return gammaCurve(reader.u16(at + 12) / 256);
  if (count > 65_536) return null;
  const table = Float64Array.from({ length: count }, (_, i) => reader.u16(at + 12 + 2 * i) / 65_535);
  return (x) => {
    const place = Math.min(1, Math.max(0, x)) * (count - 1);
    const low = Math.min(count - 2, Math.floor(place));
    const left = table[low] as number;
    return left + (place - low) * ((table[low + 1] as number) - left);
  };
}

/** ICC.1 table 68, all five as (a x + b)^g + e above d and c x + f below. Null for what rises from no straight part. */
function parametric(reader: ByteReader, at: number): Curve | null {
  const type = reader.u16(at + 8);
  const count = [1, 3, 4, 5, 7][type];
  if (count === undefined) return null;
  const p = Array.from({ length: count }, (_, i) => fixed(reader, at + 12 + 4 * i));
  const [g = 1, a = 1, b = 0, c = 0] = p;
  let [d, e, f] = [0, 0, 0];
  if (type === 1 || type === 2) d = -b / a;
  if (type === 2) [e, f] = [c, c];
  if (type >= 3) d = p[4] ?? 0;
  if (type === 4) [e, f] = [p[5] ?? 0, p[6] ?? 0];
  const slope = type >= 3 ? c : 0;
  if (![g, a, b, slope, d, e, f].every(Number.isFinite) || d < 0 || a * d + b < 0) return null;
  return (x) => (x >= d ? (a * x + b) ** g + e : slope * x + f);
}

function fixed(reader: ByteReader, at: number): number {
  return (reader.u32(at) | 0) / 65_536;
}
