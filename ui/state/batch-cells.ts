// Which frames a batch paints in which styles: each in all of them, side by side, or each in one.

import { type Consistency, consistencyOf } from "../../companion/protocol/consistency.ts";
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

export interface Evenness extends Consistency {
  style: string;
  /** Of the frame that is farthest from the others. */
  oddestName: string;
}

/** Of the style that is carried least evenly over the results that are done; null until three of one style are. */
export function leastEven(rows: readonly BatchRow[], styles: readonly { name: string }[]): Evenness | null {
  const found = styles.flatMap(({ name }, style) => {
    const own = rows.filter((row) => (row.style ?? 0) === style && row.status === "done");
    const consistency = consistencyOf(own.map((row) => row.styleDistance));
    return consistency === null
      ? []
      : [{ ...consistency, style: name, oddestName: own[consistency.oddest]?.name ?? "" }];
  });
  return found.sort((one, other) => other.spread - one.spread)[0] ?? null;
}
