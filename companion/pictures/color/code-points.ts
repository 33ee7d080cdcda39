// Colors by number: ColourPrimaries and TransferCharacteristics of ITU-T H.273, as PNG's cICP and AVIF's nclx have them.

import {
  type Chromaticities,
  type ColorSpace,
  type Curve,
  D65,
  gammaCurve,
  SRGB_PRIMARIES,
  spaceOf,
  srgbCurve,
} from "./color-space.ts";

export interface CodePoints {
  primaries: number;
  transfer: number;
}

const C = [0.31, 0.316] as const;
const PRIMARIES: Readonly<Record<number, Chromaticities>> = {
  1: SRGB_PRIMARIES,
  4: [0.67, 0.33, 0.21, 0.71, 0.14, 0.08, ...C],
  5: [0.64, 0.33, 0.29, 0.6, 0.15, 0.06, ...D65],
  6: [0.63, 0.34, 0.31, 0.595, 0.155, 0.07, ...D65],
  7: [0.63, 0.34, 0.31, 0.595, 0.155, 0.07, ...D65],
  8: [0.681, 0.319, 0.243, 0.692, 0.145, 0.049, ...C],
  9: [0.708, 0.292, 0.17, 0.797, 0.131, 0.046, ...D65],
  10: [1, 0, 0, 1, 0, 0, 1 / 3, 1 / 3],
  11: [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.314, 0.351],
  12: [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, ...D65],
  22: [0.63, 0.34, 0.295, 0.605, 0.155, 0.077, ...D65],
};

/** As screens show video (ITU-R BT.1886), and browsers with them; not the inverse of what cameras do. */
const video = gammaCurve(2.4);
const smpte240: Curve = (x) => (x < 0.0913 ? x / 4 : ((x + 0.1115) / 1.1115) ** (1 / 0.45));

const TRANSFERS: Readonly<Record<number, Curve>> = {
  1: video,
  4: gammaCurve(2.2),
  5: gammaCurve(2.8),
  6: video,
  7: smpte240,
  8: gammaCurve(1),
  11: video,
  13: srgbCurve,
  14: video,
  15: video,
  17: (x) => (52.37 / 48) * x ** 2.6,
};
/** Those of video: browsers show AVIF pictures that name one as if they had named sRGB's. */
const VIDEO = new Set([1, 6, 11, 14, 15]);
const PQ = 16;
const HLG = 18;

/** "hdr": brighter than white, which needs tone mapping. Null: not said, or not known; then it is sRGB. */
export function spaceOfCodePoints(
  { primaries, transfer }: CodePoints,
  from: "png" | "heif",
): ColorSpace | "hdr" | null {
  if (transfer === PQ || transfer === HLG) return "hdr";
  const curve = from === "heif" && VIDEO.has(transfer) ? srgbCurve : TRANSFERS[transfer];
  const chromaticities = PRIMARIES[primaries];
  return curve === undefined || chromaticities === undefined ? null : spaceOf(chromaticities, curve);
}
