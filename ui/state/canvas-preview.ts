// The picture in work on the host's own canvas, at its place: the latest only, and gone when it was inserted, given up or
// failed.

import { computed, effect, signal, untracked } from "@preact/signals-core";
import type { EngineResult } from "../engines/style-engine.ts";
import type { CanvasPreview, Host } from "../host.ts";
import { encodePng, fromBitmap } from "../pictures.ts";
import type { PreferenceStore } from "./preferences.ts";
import type { RunModel } from "./run.ts";

/** Between two pictures: a document keeps each of them for a while. */
const GAP_MS = 700;
/** Long side of a picture that is done and not inserted yet, px. */
const DONE_PX = 1024;

export interface CanvasPreviewParts {
  host: Host;
  preferences: PreferenceStore;
  run: RunModel;
}

export function createCanvasPreview({ host, preferences, run }: CanvasPreviewParts) {
  const isWanted = computed(() => {
    const { canvasPreview } = host.capabilities;
    return canvasPreview === "always" || (canvasPreview === "asked" && preferences.value.value.onCanvas);
  });
  /** It was inserted: should that be undone, nothing stands there. */
  const spent = signal<EngineResult | null>(null);
  /** Makes what is to be seen now; null: nothing. */
  const next = computed<(() => Promise<CanvasPreview>) | null>(() => {
    const read = run.sources.value;
    if (!isWanted.value || read === null || read.surface !== undefined) return null;
    const { contentId, keepText } = read.made;
    const name = `${read.content.name} / ${read.styleName}`;
    const bitmap = run.preview.value;
    const done = run.result.value;
    if (run.phase.value === "running" && bitmap !== null) {
      return async () => ({ ...(await fromBitmap(bitmap, name)), contentId, keepText });
    }
    if (run.phase.value !== "done" || done === null || done === spent.value) return null;
    return async () => ({ ...(await encodePng({ ...done, name }, DONE_PX)), contentId, keepText });
  });

  /** What the host is told, one after the other. */
  let told: Promise<unknown> = Promise.resolve();
  let shown: unknown = null;
  let isBusy = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function tell(words: () => Promise<void>): void {
    // A layer that is gone or locked out: the run says so when it is inserted.
    told = told.then(words).catch(() => undefined);
  }

  async function show(): Promise<void> {
    const make = next.peek();
    if (isBusy || timer !== undefined || make === null || make === shown) return;
    isBusy = true;
    shown = make;
    tell(async () => host.preview(await make()));
    await told;
    isBusy = false;
    timer = setTimeout(() => {
      timer = undefined;
      void show();
    }, GAP_MS);
  }

  function clear(): void {
    if (shown === null) return;
    shown = null;
    tell(() => host.preview(null));
  }

  return {
    /** Follows the run from now on. Returns what ends it. */
    start(): () => void {
      const stopWatching = effect(() => {
        if (run.insertedId.value !== null) spent.value = run.result.peek();
      });
      const stop = effect(() => {
        const isNothing = next.value === null;
        untracked(() => (isNothing ? clear() : void show()));
      });
      return () => {
        stopWatching();
        stop();
        clearTimeout(timer);
        clear();
      };
    },
  };
}
