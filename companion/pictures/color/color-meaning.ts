// The one meaning of a picture's colors, the same that a browser finds in the file.

import type { PictureHeader } from "../headers/header.ts";
import { spaceOfCodePoints } from "./code-points.ts";
import { type ColorSpace, isSrgb } from "./color-space.ts";
import { readIcc } from "./icc.ts";
import { readPngColor } from "./png-color.ts";

export type ColorMeaning =
  /** As sRGB: nothing to convert. */
  | { kind: "srgb" }
  | { kind: "space"; space: ColorSpace }
  /** By the profile's tables. */
  | { kind: "table"; profile: Uint8Array }
  | { kind: "hdr" };

/**
 * @param embedded the profile that the decoder found
 * @param channels of color: 1 gray, 3 RGB, 4 CMYK
 */
export function colorMeaning(
  bytes: Uint8Array,
  { format, codePoints }: PictureHeader,
  embedded: Uint8Array | undefined,
  channels: 1 | 3 | 4,
): ColorMeaning {
  let profile = embedded ?? null;
  if (format === "png") {
    const png = readPngColor(bytes);
    const named = png.codePoints === null ? null : spaceOfCodePoints(png.codePoints, "png");
    if (named !== null) return asMeaning(named);
    profile = png.profile;
    if (profile === null) return asMeaning(png.isSrgb ? null : png.space);
  }
  if (profile !== null) {
    const icc = readIcc(profile, channels);
    if (icc?.kind === "space") return asMeaning(icc.space);
    if (icc?.kind === "table") return { kind: "table", profile };
    return icc ?? { kind: "srgb" };
  }
  return asMeaning(codePoints === undefined ? null : spaceOfCodePoints(codePoints, "heif"));
}

function asMeaning(space: ColorSpace | "hdr" | null): ColorMeaning {
  if (space === "hdr") return { kind: "hdr" };
  return space === null || isSrgb(space) ? { kind: "srgb" } : { kind: "space", space };
}
