// Styles that were used before, kept in the host's storage as small JPEGs, newest first: one layer and a
// stored style are enough to stylize.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { signal } from "@preact/signals-core";
import { STORED_STYLES_KEY } from "../../plugin/messages.ts";
import type { Host, SourcePicture } from "../host.ts";
import { encodeJpeg } from "../pictures.ts";

const MAX_STYLES = 8;
/** Long side; eight of them stay well inside the 5 MB that Figma gives a plugin. */
const SIDE_PX = 1024;
const THUMBNAIL_PX = 96;

export interface StoredStyle {
  /** Hash of the picture it came from. */
  key: string;
  name: string;
  width: number;
  height: number;
  /** JPEG. */
  thumbnail: Uint8Array;
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

  return {
    list,

    async load(): Promise<void> {
      const stored = await host.load(STORED_STYLES_KEY).catch(() => undefined);
      list.value = Array.isArray(stored) ? stored.filter(isStoredStyle).slice(0, MAX_STYLES) : [];
    },

    /** Keeps the style, or moves it to the front. A full storage is no reason to fail a run. */
    async remember(picture: SourcePicture): Promise<void> {
      const key = styleKey(picture);
      const known = list.value.find((style) => style.key === key);
      const others = list.value.filter((style) => style.key !== key);
      try {
        if (known === undefined) {
          const full = await encodeJpeg(picture, SIDE_PX);
          await host.save(pictureKey(key), full.bytes);
          const { bytes: thumbnail } = await encodeJpeg(picture, THUMBNAIL_PX);
          const entry = { key, name: picture.name, width: full.width, height: full.height, thumbnail };
          for (const old of others.splice(MAX_STYLES - 1)) await host.save(pictureKey(old.key), undefined);
          await save([entry, ...others]);
        } else {
          await save([{ ...known, name: picture.name }, ...others]);
        }
      } catch {
        list.value = others.concat(known ?? []);
      }
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
  return keysOfStored.get(bytes) ?? bytesToHex(sha256(bytes)).slice(0, 32);
}

function pictureKey(key: string): string {
  return `impasto.style.${key}`;
}

function isStoredStyle(value: unknown): value is StoredStyle {
  if (typeof value !== "object" || value === null) return false;
  const { key, name, width, height, thumbnail } = value as Record<string, unknown>;
  const named = typeof key === "string" && typeof name === "string";
  return named && typeof width === "number" && typeof height === "number" && thumbnail instanceof Uint8Array;
}
