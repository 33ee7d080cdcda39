// The batch that is under way, in the host's storage: found again when the panel was closed meanwhile.

import { parsePartialSettings, type Settings } from "../../companion/protocol/settings.ts";
import type { Host } from "../host.ts";

const KEY = "impasto.batch.v1";

/** What a batch paints with; its results' recipes say so. */
export interface BatchStyle {
  styleId: string | null;
  styleName: string;
  styleKey: string | null;
  settings: Partial<Settings>;
}

/** What stands in the host's storage while results wait to be inserted. */
export interface StoredBatch extends BatchStyle {
  id: string;
  frames: { id: string; name: string; width: number; height: number; inserted: boolean }[];
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
  const { id, styleId, styleName, styleKey: key, settings, frames } = value as Record<string, unknown>;
  if (typeof id !== "string" || typeof styleName !== "string" || !Array.isArray(frames)) return null;
  const parsed = frames.map(parseFrame);
  if (!parsed.every((frame) => frame !== null)) return null;
  return {
    id,
    styleId: typeof styleId === "string" ? styleId : null,
    styleName,
    styleKey: typeof key === "string" ? key : null,
    settings: parseSettings(settings),
    frames: parsed,
  };
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
  const { id, name, width, height, inserted } = value as Record<string, unknown>;
  if (typeof id !== "string" || typeof name !== "string") return null;
  if (typeof width !== "number" || typeof height !== "number") return null;
  return { id, name, width, height, inserted: inserted === true };
}
