// Small variations around the present settings, painted one after the other while somebody looks at them. What was painted
// is kept, so that a grid around another cell begins with what both have in common.

import { computed, effect, signal, untracked } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import { type Grid, GRIDS, type Variation, variationsOf } from "../../companion/protocol/explore.ts";
import type { LayerRecipe } from "../../companion/protocol/host/layer-types.ts";
import { liveSettings } from "../../companion/protocol/live.ts";
import type { Settings } from "../../companion/protocol/settings.ts";
import type { LivePicture } from "../engines/style-engine.ts";
import type { Host, SourcePicture } from "../host.ts";
import { type ExploredStyle, stylesToExplore } from "./explored-styles.ts";
import type { PaintedPicture } from "./history.ts";
import type { Painting } from "./painting.ts";
import type { PreferenceStore } from "./preferences.ts";
import {
  findQuickPainting,
  LONGEST_RETRY_MS,
  mayPaintLater,
  type NoQuickPicture,
  type QuickPictureParts,
  RETRY_MS,
} from "./quick-picture.ts";
import { paintingKey, type ReadOnce } from "./read-once.ts";
import type { RunModel } from "./run.ts";
import { toRequest, toSources } from "./run-sources.ts";
import type { StoredStyles } from "./stored-styles.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide } from "./work-parts.ts";

/** Three by three are as many as a narrow panel shows. */
const MAX_STYLES = 3;
/** Long side of a cell's picture: three times its place in the panel, so that it is sharp in a frame of its own. */
const CELL_PX = 256;
const MAX_KEPT = 48;

export interface ExploreCell extends Variation {
  key: string;
  /** Which style it is painted in, where styles vary. */
  styleName: string | null;
}

export type ExploreState =
  | NoQuickPicture
  /** A person stopped it. */
  | { kind: "stopped" }
  | { kind: "painting" }
  /** Other work comes first; tried again by itself. */
  | { kind: "waiting" }
  | { kind: "done" }
  | { kind: "failed"; error: ErrorBody };

export interface ExploreParts extends QuickPictureParts {
  host: Host;
  preferences: PreferenceStore;
  styles: StoredStyles;
  run: RunModel;
  read: ReadOnce;
  /** Whether the panel's page and the tab are in view. */
  seen: { readonly value: boolean };
  /** Called with what was put into the document together. */
  onInserted(...painted: readonly PaintedPicture[]): void;
}

export type Explore = ReturnType<typeof createExplore>;

export function createExplore(parts: ExploreParts) {
  const { host, engines, inputs, preferences, run, read, seen } = parts;
  const isOpen = signal(false);
  const wanted = signal<Grid>("strokes");
  const chosen = signal<number | null>(null);
  const state = signal<ExploreState>({ kind: "off" });
  const inserting = signal(false);
  const isStopped = signal(false);
  const pictures = signal<ReadonlyMap<string, LivePicture>>(new Map());
  const readStyles = new Map<string, Promise<SourcePicture>>();
  let abort: AbortController | null = null;
  /** Of the cells that are in work. */
  let inWork = "";

  const exploredStyles = computed(() => stylesToExplore(host, inputs, parts.styles, MAX_STYLES));

  /** Styles that count at some of the layers each, or that lack company, leave nothing to vary. */
  const grids = computed<readonly Grid[]>(() => {
    const isWhole = (inputs.painting.value?.uses ?? []).every((use) => use === null);
    return GRIDS.filter((one) => {
      if (one === "styles") return exploredStyles.value.length > 1;
      return one === "strokes" || isWhole;
    });
  });
  const grid = computed<Grid>(() => (grids.value.includes(wanted.value) ? wanted.value : "strokes"));
  const rows = computed(() => variationsOf(grid.value, preferences.value.value.settings, exploredStyles.value.length));

  const cells = computed<readonly ExploreCell[]>(() => {
    const painting = inputs.painting.value;
    const { settings } = preferences.value.value;
    const varied = exploredStyles.value;
    const layers = painting === null ? "" : paintingKey(painting);
    return rows.value.flat().map((variation) => {
      const style = variation.style === null ? null : (varied[variation.style]?.input ?? null);
      const all = liveSettings({ ...settings, ...variation.settings }, { width: CELL_PX, height: CELL_PX });
      const key = JSON.stringify([layers, style?.id ?? null, all]);
      return { ...variation, key, styleName: style?.name ?? null };
    });
  });

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
        const picture = await paintPatiently(painting, cell, settings, signal);
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
  async function paintPatiently(
    painting: Painting,
    cell: ExploreCell,
    settings: Settings,
    signal: AbortSignal,
  ): Promise<LivePicture> {
    for (let delayMs = RETRY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_RETRY_MS)) {
      try {
        const request = await requestOf(painting, cell, settings);
        signal.throwIfAborted();
        return await engines.present().live(request, signal);
      } catch (cause) {
        if (signal.aborted || !mayPaintLater(cause)) throw cause;
        state.value = { kind: "waiting" };
        await waitFor(delayMs, signal);
      }
    }
  }

  async function requestOf(painting: Painting, cell: ExploreCell, settings: Settings) {
    const side = readSide(settings);
    const pictures = await read(painting, side);
    const style = cell.style === null ? undefined : exploredStyles.peek()[cell.style];
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

  function close(): void {
    isOpen.value = false;
    chosen.value = null;
    isStopped.value = false;
    readStyles.clear();
  }

  return {
    isOpen,
    grid,
    cells,
    pictures,
    chosen,
    state,
    inserting,
    /** What can vary. */
    grids,
    columns: computed(() => rows.value[0]?.length ?? 1),
    painted: computed(() => cells.value.filter(({ key }) => pictures.value.has(key)).length),

    open(): void {
      isOpen.value = true;
      inputs.others.loadSamples();
    },
    close,
    vary(by: Grid): void {
      wanted.value = by;
      chosen.value = null;
      isStopped.value = false;
    },
    stopOrGoOn(): void {
      isStopped.value = !isStopped.value;
    },

    /** The chosen cell's settings, and its style, become the present ones. */
    take(): void {
      const cell = cells.value[chosen.value ?? -1];
      if (cell === undefined) return;
      const style = cell.style === null ? undefined : exploredStyles.value[cell.style];
      close();
      preferences.setSettings(cell.settings);
      style?.take();
    },

    /** What is painted goes into the document as one labelled sheet. */
    async insertAll(labelOf: (cell: ExploreCell) => string, name: string): Promise<void> {
      const painting = inputs.painting.value;
      if (painting === null || inserting.value) return;
      inserting.value = true;
      try {
        const { settings } = preferences.value.value;
        const sources = toSources(painting, await read(painting, readSide(settings)));
        const varied = exploredStyles.value;
        const sheet = cells.value.flatMap((cell) => {
          const picture = pictures.value.get(cell.key);
          if (picture === undefined) return [];
          const style = cell.style === null ? undefined : varied[cell.style];
          const { styleName, styleKey, made, content } = sources;
          const recipe: LayerRecipe = {
            version: 1,
            ...made,
            contentName: content.name,
            styleName,
            styleKey,
            ...(style && {
              styleId: style.input.layerId,
              styleName: style.input.name,
              styleKey: style.key,
              moreStyles: [],
            }),
            settings: { ...settings, ...cell.settings },
          };
          return [{ ...picture, label: labelOf(cell), recipe }];
        });
        const columns = rows.value[0]?.length ?? 1;
        await host.insertSheet({ contentId: painting.content.id, name, columns, cells: sheet });
        parts.onInserted(...sheet);
      } catch (cause) {
        const { message, hint = "" } = toErrorBody(cause);
        host.notify(`${message} ${hint}`.trim(), { error: true });
      } finally {
        inserting.value = false;
      }
    },

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
