// Styles that were used before, kept in the host's storage as small JPEGs, newest first: one layer and a
// stored style are enough to stylize.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { signal } from "@preact/signals-core";
import { ImpastoError } from "../../companion/protocol/errors.ts";
import { STORED_STYLES_KEY } from "../../companion/protocol/host/messages.ts";
import { isRecord } from "../../companion/protocol/parsing.ts";
import { parsePartialSettings, type Settings } from "../../companion/protocol/settings.ts";
import type { Host, SourcePicture } from "../host.ts";
import { encodeJpeg } from "../pictures.ts";

const MAX_STYLES = 8;
const SIDE_PX = 1024;
/** Of all pictures together: Figma gives a plugin 5 MB, and one more is written before the oldest goes. */
const MAX_PICTURE_BYTES = 4_000_000;
/** Of a picture whose size was not written down. */
const USUAL_PICTURE_BYTES = 500_000;
const THUMBNAIL_PX = 96;
/** A learned style has 2 MB at most. */
const MAX_WHOLE_BYTES = 2_500_000;

export interface StoredStyle {
  /** Hash of the picture it came from. */
  key: string;
  name: string;
  width: number;
  height: number;
  /** JPEG. */
  thumbnail: Uint8Array;
  /** Of the stored picture. */
  pictureBytes: number;
  /** A person keeps it: what was merely used makes room for it. */
  kept: boolean;
  /** Come along with the style; null: it has none. */
  settings: Partial<Settings> | null;
}

export interface KeepOptions {
  /** Of the style that the picture came from. */
  key?: string | undefined;
  /** The file as it is, with what was learned in it. */
  whole?: boolean;
}

/** Keys of the JPEGs that were read: such a picture is the style that it was made from, not a new one. */
const keysOfStored = new WeakMap<Uint8Array, string>();

export type StoredStyles = ReturnType<typeof createStoredStyles>;

export function createStoredStyles(host: Pick<Host, "load" | "save">) {
  const list = signal<readonly StoredStyle[]>([]);

  async function save(next: readonly StoredStyle[]): Promise<void> {
    list.value = next;
    await host.save(STORED_STYLES_KEY, next);
  }

  async function store(key: string, picture: SourcePicture, whole = false): Promise<StoredStyle> {
    const asItIs = whole && picture.bytes.length <= MAX_WHOLE_BYTES;
    const { bytes, width, height } = asItIs ? picture : await encodeJpeg(picture, SIDE_PX);
    const { bytes: thumbnail } = await encodeJpeg(picture, THUMBNAIL_PX);
    await host.save(pictureKey(key), bytes);
    const about = { key, name: picture.name, width, height, thumbnail, pictureBytes: bytes.length };
    return { ...about, kept: false, settings: null };
  }

  return {
    list,

    async load(): Promise<void> {
      const stored = await host.load(STORED_STYLES_KEY).catch(() => undefined);
      const parsed = Array.isArray(stored) ? stored.map(parseStoredStyle) : [];
      list.value = parsed.filter((style) => style !== null);
    },

    /** Keeps the style, or moves it to the front. A full storage is no reason to fail a run. */
    async remember(picture: SourcePicture): Promise<void> {
      const key = styleKey(picture);
      const known = list.value.find((style) => style.key === key);
      try {
        const entry =
          known === undefined ? await store(key, picture) : { ...known, ...(!known.kept && { name: picture.name }) };
        // The list as it is now: another style may have come in meanwhile.
        const { kept, dropped } = fitting([entry, ...list.value.filter((style) => style.key !== key)]);
        await save(kept);
        for (const old of dropped) await host.save(pictureKey(old.key), undefined);
      } catch {
        if (known !== undefined) return;
        list.value = list.value.filter((style) => style.key !== key);
        await host.save(pictureKey(key), undefined).catch(() => undefined);
      }
    },

    /** Until it is forgotten. Throws ImpastoError where there is no room. */
    async keep(
      picture: SourcePicture,
      settings: Partial<Settings> | null,
      { key = styleKey(picture), whole }: KeepOptions = {},
    ): Promise<StoredStyle> {
      const known = list.value.find((style) => style.key === key);
      const stored = known ?? (await store(key, picture, whole));
      const entry = { ...stored, name: picture.name, kept: true, settings: settings ?? stored.settings };
      const { kept, dropped } = fitting([entry, ...list.value.filter((style) => style.key !== key)]);
      if (dropped.some((style) => style.kept)) {
        if (known === undefined) await host.save(pictureKey(key), undefined);
        throw new ImpastoError("disk-full", "There is no room for another style.", { hint: "Remove one of yours." });
      }
      await save(kept);
      for (const old of dropped) await host.save(pictureKey(old.key), undefined);
      return entry;
    },

    async rename(key: string, name: string): Promise<void> {
      await save(list.value.map((style) => (style.key === key ? { ...style, name, kept: true } : style)));
    },

    /** The picture of a stored style; null when it is gone. */
    async read(key: string): Promise<SourcePicture | null> {
      const style = list.value.find((other) => other.key === key);
      const bytes = await host.load(pictureKey(key)).catch(() => undefined);
      if (style === undefined || !(bytes instanceof Uint8Array)) return null;
      keysOfStored.set(bytes, key);
      return { bytes, name: style.name, width: style.width, height: style.height };
    },

    async forget(key: string): Promise<void> {
      await host.save(pictureKey(key), undefined);
      await save(list.value.filter((style) => style.key !== key));
    },
  };
}

/** Names a style by its picture. */
export function styleKey({ bytes }: SourcePicture): string {
  return keysOfStored.get(bytes) ?? keyOfHash(bytesToHex(sha256(bytes)));
}

/** Of the picture's SHA-256, in hex. */
export function keyOfHash(hash: string): string {
  return hash.slice(0, 32);
}

function pictureKey(key: string): string {
  return `impasto.style.${key}`;
}

/** Newest first: as many as the storage has room for, one at least, and rather what is kept than what was used. */
function fitting(styles: readonly StoredStyle[]): { kept: StoredStyle[]; dropped: StoredStyle[] } {
  const [newest, ...others] = styles;
  const byWorth = [
    ...(newest ? [newest] : []),
    ...others.filter((one) => one.kept),
    ...others.filter((one) => !one.kept),
  ];
  const fits = new Set<StoredStyle>();
  let sum = 0;
  let used = 0;
  for (const style of byWorth) {
    sum += style.pictureBytes;
    used += style.kept ? 0 : 1;
    if (fits.size > 0 && (used > MAX_STYLES || sum > MAX_PICTURE_BYTES)) break;
    fits.add(style);
  }
  return { kept: styles.filter((style) => fits.has(style)), dropped: styles.filter((style) => !fits.has(style)) };
}

/** Null for what is none. */
function parseStoredStyle(value: unknown): StoredStyle | null {
  if (!isRecord(value)) return null;
  const { key, name, width, height, thumbnail, pictureBytes, kept } = value;
  if (typeof key !== "string" || typeof name !== "string" || !(thumbnail instanceof Uint8Array)) return null;
  if (typeof width !== "number" || typeof height !== "number") return null;
  const known = typeof pictureBytes === "number" ? pictureBytes : USUAL_PICTURE_BYTES;
  const settings = settingsIn(value.settings);
  return { key, name, width, height, thumbnail, pictureBytes: known, kept: kept === true, settings };
}

function settingsIn(value: unknown): Partial<Settings> | null {
  try {
    return isRecord(value) ? parsePartialSettings(value) : null;
  } catch {
    return null;
  }
}
