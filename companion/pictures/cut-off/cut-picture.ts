// A picture whose file ends too early, as a copy that was cut off: what is there is shown, as browsers do.

import type { Picture } from "../../protocol/engine.ts";

export interface CutPicture {
  /** A whole file, what is missing filled with anything. */
  bytes: Uint8Array;
  /** Of the rows as they are stored, the share that is there. */
  rows: number;
  /** All rows are there, but not all of their details. */
  isCoarse: boolean;
}

type Edge = "lower" | "upper" | "left" | "right";

/** Where the last stored rows are seen, by EXIF's orientation. */
const LAST_ROWS: readonly Edge[] = ["lower", "lower", "lower", "upper", "upper", "right", "left", "left", "right"];

/** "ends early: the lower 8 % are missing"; null where nothing is. */
export function cutWords(
  { rows, isCoarse }: Pick<CutPicture, "rows" | "isCoarse">,
  orientation: number,
): string | null {
  if (rows < 1) {
    const percent = Math.max(1, Math.round(100 * (1 - rows)));
    return `ends early: the ${LAST_ROWS[orientation] ?? "lower"} ${percent} % ${percent === 1 ? "is" : "are"} missing`;
  }
  return isCoarse ? "ends early: its finest details are missing" : null;
}

/** With nothing where the missing rows are; `rows` is their share as in CutPicture. */
export function withoutMissing(picture: Picture, rows: number, orientation: number): Picture {
  if (rows >= 1) return picture;
  const { width, height, channels, data } = picture;
  const plane = width * height;
  const edge = LAST_ROWS[orientation] ?? "lower";
  const side = edge === "lower" || edge === "upper" ? height : width;
  const kept = Math.floor(rows * side);
  const out = new Float32Array(4 * plane).fill(1, 3 * plane);
  out.set(data.subarray(0, channels * plane));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = edge === "lower" || edge === "upper" ? y : x;
      const fromFirst = edge === "lower" || edge === "right" ? along : side - 1 - along;
      if (fromFirst >= kept) out[3 * plane + y * width + x] = 0;
    }
  }
  return { width, height, channels: 4, data: out };
}
