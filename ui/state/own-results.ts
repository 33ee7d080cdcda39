// What was painted and nobody else keeps: variations, and all that the panel's own engine paints. It outlives the session
// where the host has room for pictures.

import { signal } from "@preact/signals-core";
import { ImpastoError } from "../../companion/protocol/errors.ts";
import { isRecord, textOf } from "../../companion/protocol/parsing.ts";
import { parsePartialSettings } from "../../companion/protocol/settings.ts";
import type { PastResult } from "../engines/style-engine.ts";
import type { Host } from "../host.ts";

/** What was painted together counts once: a picture may take some megabytes, and so many may be in one batch. */
const MAX_GROUPS = 12;
const MAX_BYTES = 96 * 2 ** 20;
const INDEX_KEY = "impasto.results.v1";

export interface OwnResult {
  result: PastResult;
  bytes: Uint8Array;
}

interface KeptResult {
  result: PastResult;
  /** Of its picture. */
  size: number;
}

/** What was painted together, one after the other. */
export interface Group {
  id: string;
  results: readonly KeptResult[];
}

type Storage = Pick<Host, "load" | "save">;

export type OwnResults = ReturnType<typeof createOwnResults>;

export function createOwnResults(host: Storage & Pick<Host, "capabilities">) {
  const storage = host.capabilities.keepsPictures ? host : createSessionStorage();
  /** Newest first. */
  const groups = signal<readonly Group[]>([]);
  /** Pictures that were written, as far as they were not taken away again. */
  const written = new Set<string>();
  let writing: Promise<void> = Promise.resolve();

  async function readIndex(): Promise<readonly Group[]> {
    const stored = await storage.load(INDEX_KEY).catch(() => undefined);
    return Array.isArray(stored) ? stored.map(parseGroup).filter((group) => group !== null) : [];
  }

  /** Another panel may have written meanwhile: what it keeps counts as well. */
  async function write(fresh: readonly OwnResult[]): Promise<void> {
    for (const { result, bytes } of fresh) {
      await storage.save(pictureKey(result.id), bytes);
      written.add(result.id);
    }
    const there = await readIndex();
    const kept = fitting(merged(groups.value, there));
    await storage.save(INDEX_KEY, kept);
    groups.value = kept;
    const wanted = new Set(idsOf(kept));
    for (const id of new Set([...written, ...idsOf(there)])) {
      if (wanted.has(id)) continue;
      await storage.save(pictureKey(id), undefined);
      written.delete(id);
    }
  }

  return {
    groups,

    /** What was kept before this session. */
    async load(): Promise<void> {
      groups.value = fitting(merged(groups.value, await readIndex()));
    },

    /** `group`: what they were painted together with, also before. */
    add(group: string, results: readonly OwnResult[]): void {
      const fresh = { id: group, results: results.map(({ result, bytes }) => ({ result, size: bytes.byteLength })) };
      groups.value = fitting(merged([fresh], groups.value));
      // A full storage is no reason to fail what was painted.
      writing = writing.then(() => write(results)).catch(() => undefined);
    },

    find(id: string): PastResult | undefined {
      const kept = groups.value.flatMap(({ results }) => results);
      return kept.find(({ result }) => result.id === id)?.result;
    },

    /** PNG. Throws ImpastoError("not-found") where the host made room. */
    async picture(id: string): Promise<Uint8Array> {
      await writing;
      const bytes = await storage.load(pictureKey(id)).catch(() => undefined);
      if (bytes instanceof Uint8Array) return bytes;
      throw new ImpastoError("not-found", "This picture is no longer there.");
    },
  };
}

function createSessionStorage(): Storage {
  const values = new Map<string, unknown>();
  return {
    load: async (key) => values.get(key),
    async save(key, value) {
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    },
  };
}

function pictureKey(id: string): string {
  return `impasto.result.${id}`;
}

function idsOf(groups: readonly Group[]): string[] {
  return groups.flatMap(({ results }) => results.map(({ result }) => result.id));
}

/** Newest first; of a result that both have, the first one's. */
function merged(one: readonly Group[], other: readonly Group[]): Group[] {
  const before = new Map(other.map((group) => [group.id, group]));
  const first = one.map(({ id, results }) => {
    const fresh = new Map(results.map((kept) => [kept.result.id, kept]));
    const older = before.get(id)?.results ?? [];
    const known = older.map((kept) => fresh.get(kept.result.id) ?? kept);
    const ids = new Set(known.map(({ result }) => result.id));
    return { id, results: [...known, ...results.filter(({ result }) => !ids.has(result.id))] };
  });
  const ids = new Set(one.map(({ id }) => id));
  const all = [...first, ...other.filter(({ id }) => !ids.has(id))];
  return all.sort((a, b) => beganAt(b) - beganAt(a));
}

function beganAt({ results }: Group): number {
  return results[0]?.result.at ?? 0;
}

/** The newest as far as there is room. */
function fitting(groups: readonly Group[]): Group[] {
  let taken = 0;
  const fits = ({ size }: KeptResult): boolean => {
    taken += size;
    return taken <= MAX_BYTES;
  };
  return groups
    .slice(0, MAX_GROUPS)
    .map(({ id, results }) => ({ id, results: results.filter(fits) }))
    .filter(({ results }) => results.length > 0);
}

/** Null for what this version did not write. */
function parseGroup(value: unknown): Group | null {
  if (!isRecord(value) || typeof value.id !== "string" || !Array.isArray(value.results)) return null;
  const results = value.results.map(parseKept).filter((kept) => kept !== null);
  return results.length === 0 ? null : { id: value.id, results };
}

function parseKept(value: unknown): KeptResult | null {
  if (!isRecord(value) || typeof value.size !== "number" || !isRecord(value.result)) return null;
  const { id, at, contentName, styleName, styleHash, width, height, settings } = value.result;
  if (typeof id !== "string" || typeof at !== "number" || typeof width !== "number" || typeof height !== "number")
    return null;
  const names = { contentName: textOf(contentName) ?? "", styleName: textOf(styleName) ?? "" };
  try {
    const taken = parsePartialSettings(settings);
    const result = { id, at, ...names, styleHash: textOf(styleHash), width, height, settings: taken };
    return { result, size: value.size };
  } catch {
    return null;
  }
}
