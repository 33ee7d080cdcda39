// The variations, painted one after the other while somebody looks at them. What was painted is kept, so that a grid around
// another cell begins with what both have in common.

import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import type { Settings } from "../../companion/protocol/settings.ts";
import type { EngineRequest, LivePicture } from "../engines/style-engine.ts";
import type { SourcePicture } from "../host.ts";
import { CELL_PX, type ExploreCell, type ExploreGrid } from "./explore-grid.ts";
import type { ExploredStyle } from "./explored-styles.ts";
import type { Painting } from "./painting.ts";
import {
  findQuickPainting,
  LONGEST_RETRY_MS,
  mayPaintLater,
  type QuickPainterParts,
  type QuickState,
  RETRY_MS,
} from "./quick-picture.ts";
import { toRequest } from "./run-sources.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide } from "./work-parts.ts";

const MAX_KEPT = 48;

export type ExploreState =
  | QuickState
  /** A person stopped it. */
  | { kind: "stopped" }
  | { kind: "done" };

/** `isOpen`: whether somebody looks at the variations. */
export function createExplorePainter(
  parts: QuickPainterParts,
  { cells, styleOf }: Pick<ExploreGrid, "cells" | "styleOf">,
  isOpen: ReadonlySignal<boolean>,
) {
  const { engines, preferences, run, read, seen } = parts;
  const state = signal<ExploreState>({ kind: "off" });
  const isStopped = signal(false);
  const pictures = signal<ReadonlyMap<string, LivePicture>>(new Map());
  const readStyles = new Map<string, Promise<SourcePicture>>();
  let abort: AbortController | null = null;
  /** Of the cells that are in work. */
  let inWork = "";

  function update(): void {
    const { settings } = preferences.value.value;
    const found = isOpen.value ? findQuickPainting(parts, settings) : ({ kind: "off" } as const);
    const all = cells.value;
    const isTime = seen.value && run.phase.value === "idle" && !isStopped.value;
    untracked(() => {
      if ("kind" in found) {
        giveUp();
        state.value = found;
        return;
      }
      const work = JSON.stringify(all.map(({ key }) => key));
      // Thumbnails come in: that is no reason to begin again.
      if (abort !== null && isTime && work === inWork) return;
      giveUp();
      if (!isTime) {
        state.value = { kind: isStopped.value ? "stopped" : "waiting" };
        return;
      }
      inWork = work;
      abort = new AbortController();
      void paintAll(found.painting, all, settings, abort.signal);
    });
  }

  function giveUp(): void {
    abort?.abort();
    abort = null;
  }

  async function paintAll(
    painting: Painting,
    all: readonly ExploreCell[],
    settings: Settings,
    signal: AbortSignal,
  ): Promise<void> {
    state.value = { kind: "painting" };
    try {
      for (const cell of all) {
        if (pictures.value.has(cell.key)) continue;
        const picture = await paintPatiently(() => requestOf(painting, cell, settings), signal);
        if (signal.aborted) return;
        state.value = { kind: "painting" };
        pictures.value = new Map([...pictures.value, [cell.key, picture] as const].slice(-MAX_KEPT));
      }
      state.value = { kind: "done" };
    } catch (cause) {
      if (!signal.aborted) state.value = { kind: "failed", error: toErrorBody(cause) };
    }
  }

  /** Other work comes first. */
  async function paintPatiently(request: () => Promise<EngineRequest>, signal: AbortSignal): Promise<LivePicture> {
    for (let delayMs = RETRY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_RETRY_MS)) {
      try {
        const made = await request();
        signal.throwIfAborted();
        return await engines.present().live(made, signal);
      } catch (cause) {
        if (signal.aborted || !mayPaintLater(cause)) throw cause;
        state.value = { kind: "waiting" };
        await waitFor(delayMs, signal);
      }
    }
  }

  async function requestOf(painting: Painting, cell: ExploreCell, settings: Settings): Promise<EngineRequest> {
    const side = readSide(settings);
    const pictures = await read(painting, side);
    const style = styleOf(cell);
    const styled =
      style === undefined
        ? pictures
        : { ...pictures, styles: [{ picture: await readStyle(style, side), weight: 1 }], uses: [null] };
    const size = Math.min(CELL_PX, Math.max(pictures.content.width, pictures.content.height));
    return toRequest(styled, { ...settings, ...cell.settings, size });
  }

  function readStyle({ input }: ExploredStyle, maxSide: number): Promise<SourcePicture> {
    const known = readStyles.get(input.id);
    if (known !== undefined) return known;
    const reading = input.read({ maxSide });
    readStyles.set(input.id, reading);
    reading.catch(() => readStyles.delete(input.id));
    return reading;
  }

  return {
    state,
    /** By the key of their cells. */
    pictures,
    isStopped,
    /** Styles are read anew the next time. */
    forgetStyles: () => readStyles.clear(),
    /** Follows what is chosen from now on. Returns what ends it. */
    start(): () => void {
      const stop = effect(update);
      return () => {
        stop();
        giveUp();
      };
    },
  };
}

/** Throws once the signal aborts. */
function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    }, ms);
    signal.addEventListener("abort", giveUp);
  });
}
