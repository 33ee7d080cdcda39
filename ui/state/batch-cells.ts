// Which frames a batch paints in which styles: each in all of them, side by side, or each in one.

import type { BatchRow } from "./batch-rows.ts";

export const BATCH_WAYS = ["each", "turn"] as const;
export type BatchWay = (typeof BATCH_WAYS)[number];

/** Which of the styles a frame is painted in where each has one. */
export function styleInTurn({ style }: Pick<BatchRow, "style">, index: number, styles: number): number {
  return style !== null && style < styles ? style : index % styles;
}

/** A row for each result, style by style. */
export function cellsOf(frames: readonly BatchRow[], styles: readonly { name: string }[], way: BatchWay): BatchRow[] {
  if (styles.length < 2) return frames.map((row) => ({ ...row, style: null, styleName: null }));
  if (way === "turn") {
    return frames.map((row, index) => {
      const style = styleInTurn(row, index, styles.length);
      return { ...row, style, styleName: styles[style]?.name ?? null };
    });
  }
  return styles.flatMap(({ name }, style) => frames.map((row) => ({ ...row, style, styleName: name })));
}

/** Frames by styles: the place of each row in it, row by row; null where no frame is painted in several styles. */
export function placesOf(rows: readonly BatchRow[], styles: number): number[] | null {
  const frames = [...new Set(rows.map(({ id }) => id))];
  if (frames.length === rows.length) return null;
  return rows.map(({ id, style }) => frames.indexOf(id) * styles + (style ?? 0));
}
