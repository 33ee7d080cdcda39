// The batch that is under way, in the host's storage: found again when the panel was closed meanwhile.

import { textOf } from "../../companion/protocol/parsing.ts";
import { parsePartialSettings, type Settings } from "../../companion/protocol/settings.ts";
import type { Host } from "../host.ts";
import type { BatchRow } from "./batch-rows.ts";

const KEY = "impasto.batch.v2";

/** What a batch paints with; its results' recipes say so. */
export interface BatchMaking {
  styles: readonly BatchStyle[];
  settings: Partial<Settings>;
}

/** Where the results go: above the originals, or onto a page of their own; its id once there is one. */
export interface BatchTarget {
  onNewPage: boolean;
  page: string | null;
}

export interface BatchStyle {
  /** Of its layer. */
  id: string | null;
  name: string;
  /** Of the stored style. */
  key: string | null;
}

/** What stands in the host's storage while results wait to be inserted. */
export interface StoredBatch extends BatchMaking {
  id: string;
  target: BatchTarget;
  frames: Pick<
    BatchRow,
    "id" | "name" | "width" | "height" | "style" | "styleName" | "strength" | "inserted" | "layerId"
  >[];
}

/** Null where there is none, or none that can be read. */
export async function loadBatch(host: Host): Promise<StoredBatch | null> {
  return parseStored(await host.load(KEY).catch(() => undefined));
}

export async function saveBatch(host: Host, batch: StoredBatch): Promise<void> {
  await host.save(KEY, batch).catch(() => undefined);
}

export function forgetBatch(host: Host): Promise<void> {
  return host.save(KEY, undefined);
}

/** Null for anything that this version did not write. */
function parseStored(value: unknown): StoredBatch | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, styles, settings, frames, target } = value as Record<string, unknown>;
  const made = Array.isArray(styles) ? styles.map(parseStyle) : [];
  if (typeof id !== "string" || made.length === 0 || !Array.isArray(frames)) return null;
  const parsed = frames.map(parseFrame);
  if (!parsed.every((frame) => frame !== null) || !made.every((style) => style !== null)) return null;
  return { id, styles: made, settings: parseSettings(settings), frames: parsed, target: parseTarget(target) };
}

/** An older version's has none. */
function parseTarget(value: unknown): BatchTarget {
  const { onNewPage, page } = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return { onNewPage: onNewPage === true, page: textOf(page) };
}

function parseStyle(value: unknown): BatchStyle | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, name, key } = value as Record<string, unknown>;
  return typeof name === "string" ? { id: textOf(id), name, key: textOf(key) } : null;
}

function parseSettings(value: unknown): Partial<Settings> {
  try {
    return parsePartialSettings(value);
  } catch {
    return {};
  }
}

function parseFrame(value: unknown): StoredBatch["frames"][number] | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, name, width, height, inserted, style, styleName, strength, layerId } = value as Record<string, unknown>;
  if (typeof id !== "string" || typeof name !== "string") return null;
  if (typeof width !== "number" || typeof height !== "number") return null;
  return {
    ...{ id, name, width, height, inserted: inserted === true },
    style: typeof style === "number" ? style : null,
    styleName: textOf(styleName),
    strength: typeof strength === "number" ? strength : null,
    layerId: textOf(layerId),
  };
}
