// Thumbnails of the layers that are in view, fetched once for as long as they are.

import { effect, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Host } from "../host.ts";

const THUMBNAIL_PX = 288;

export function createThumbnails(host: Host, shown: ReadonlySignal<readonly string[]>) {
  const thumbnails = signal<ReadonlyMap<string, Uint8Array>>(new Map());
  /** Those that were asked for since their layers came into view, whatever came of it. */
  const asked = new Set<string>();

  async function fetch(layerId: string): Promise<void> {
    asked.add(layerId);
    const bytes = await host.thumbnail(layerId, THUMBNAIL_PX).catch(() => null);
    const wanted = shown.value.includes(layerId);
    if (bytes !== null && wanted) thumbnails.value = new Map(thumbnails.value).set(layerId, bytes);
  }

  return {
    /** By the layer's id. */
    thumbnails,

    /** Layers may look different now: those out of view are forgotten. */
    forgetUnseen(): void {
      const kept = shown.value;
      for (const id of asked) if (!kept.includes(id)) asked.delete(id);
      thumbnails.value = new Map([...thumbnails.value].filter(([id]) => kept.includes(id)));
    },

    /** Returns what ends it. */
    start(): () => void {
      return effect(() => {
        for (const id of shown.value) if (!asked.has(id)) void fetch(id);
      });
    },
  };
}
