// The frames of a batch as the panel lists them: where they come from, how they look, how far each one is.

import { signal } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { BatchFrameStatus } from "../engines/style-engine.ts";
import type { Host } from "../host.ts";

const THUMBNAIL_PX = 56;
/** Thumbnails of longer lists would fill the messages; the rows then show the name alone. */
const MAX_THUMBNAILS = 60;

export interface BatchRow {
  id: string;
  name: string;
  width: number;
  height: number;
  problem: string | null;
  thumbnail: Uint8Array | null;
  status: BatchFrameStatus["state"] | "listed";
  fraction: number;
  error: ErrorBody | null;
  /** What a person should know of the result. */
  notes: readonly string[];
  /** Which of several styles it is painted in, alone, and how that is called. */
  style: number | null;
  styleName: string | null;
  /** Its own, instead of the batch's. */
  strength: number | null;
  /** From its style; null until it is measured. */
  styleDistance: number | null;
  inserted: boolean;
  /** The layer that its result became, also where a newer one is to take its place. */
  layerId: string | null;
}

/** What is known of a frame before anything is done with it. */
type Frame = Pick<BatchRow, "id" | "name" | "width" | "height"> & Partial<BatchRow>;

export type BatchRows = ReturnType<typeof createBatchRows>;

export function createBatchRows(host: Host) {
  const rows = signal<readonly BatchRow[]>([]);
  /** Counts lists, so that thumbnails of an older one are not fetched any more. */
  let lists = 0;

  return {
    rows,

    show(frames: readonly Frame[]): void {
      rows.value = frames.map((frame) => ({
        problem: null,
        thumbnail: null,
        status: "listed",
        fraction: 0,
        error: null,
        notes: [],
        style: null,
        styleName: null,
        strength: null,
        styleDistance: null,
        inserted: false,
        layerId: null,
        ...frame,
      }));
    },

    change(index: number, change: Partial<BatchRow>): void {
      rows.value = rows.value.map((row, at) => (at === index ? { ...row, ...change } : row));
    },

    changeAll(change: Partial<BatchRow>): void {
      rows.value = rows.value.map((row) => ({ ...row, ...change }));
    },

    sort(compare: (one: BatchRow, other: BatchRow) => number): void {
      rows.value = rows.value.toSorted(compare);
    },

    remove(index: number): void {
      rows.value = rows.value.filter((_, at) => at !== index);
    },

    async fetchThumbnails(): Promise<void> {
      lists += 1;
      const mine = lists;
      for (const id of new Set(rows.value.slice(0, MAX_THUMBNAILS).map((row) => row.id))) {
        if (rows.value.find((row) => row.id === id)?.thumbnail !== null) continue;
        if (mine !== lists) return;
        const bytes = await host.thumbnail(id, THUMBNAIL_PX).catch(() => null);
        if (bytes !== null) rows.value = rows.value.map((row) => (row.id === id ? { ...row, thumbnail: bytes } : row));
      }
    },
  };
}
