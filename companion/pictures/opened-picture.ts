// A picture that a decoder has looked into, before its pixels are read.

import type { ColorMeaning } from "./color/color-meaning.ts";
import type { Samples, TargetSide } from "./samples.ts";

export interface OpenedPicture {
  /** After orientation, px. */
  sourceWidth: number;
  sourceHeight: number;
  bitDepth: 8 | 16;
  /** Pixels per inch; null where the file does not say. */
  density: number | null;
  /** As many as the decoder finds. */
  pages: number;
  meaning: ColorMeaning;
  /** The samples come in sRGB already, whatever the meaning was. */
  isConverted: boolean;
  read(side: TargetSide): Promise<Samples>;
}
