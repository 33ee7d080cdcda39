// The quick picture of what is chosen, shown without a click: painted when the choice has come to rest, and anew with each
// move of a setting that it depends on. Runs come first, nothing is painted that nobody sees, and a failure says so and
// stands in nobody's way.

import { effect, signal, untracked } from "@preact/signals-core";
import { liveSteps } from "../../companion/protocol/live.ts";
import type { Settings } from "../../companion/protocol/settings.ts";
import type { LivePicture } from "../engines/style-engine.ts";
import type { Painting, ReadPainting } from "./painting.ts";
import {
  findQuickPainting,
  LONGEST_RETRY_MS,
  mayPaintLater,
  type QuickPainterParts,
  type QuickState,
  RETRY_MS,
} from "./quick-picture.ts";
import { paintingKey } from "./read-once.ts";
import { toRequest } from "./run-sources.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide } from "./work-parts.ts";

/** After the last change of a layer. */
const LIVE_REST_MS = 300;
/** After the last move of a setting: a slider that is dragged moves more often than a picture is painted. */
const MOVE_MS = 60;

export type LiveState =
  /** "off" when it is switched off as well. */
  QuickState | { kind: "shown" };

export interface LiveView {
  picture: LivePicture;
  read: ReadPainting;
  layers: string;
  /** Equal for what would come out the same. */
  key: string;
}

interface Wanted {
  painting: Painting;
  settings: Settings;
  /** Of the layers alone. */
  layers: string;
  key: string;
}

interface Job extends Wanted {
  abort: AbortController;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export type LivePreview = ReturnType<typeof createLivePreview>;

export function createLivePreview({ engines, capabilities, inputs, preferences, run, read, seen }: QuickPainterParts) {
  const state = signal<LiveState>({ kind: "off" });
  const view = signal<LiveView | null>(null);
  /** In work, or ended by a failure that asks for something else. */
  let job: Job | null = null;
  /** Of the last picture that came in all its sizes. */
  let complete: string | null = null;

  /** Null: it is not the time to paint. */
  function wanted(): Wanted | LiveState | null {
    const { settings, live } = preferences.value.value;
    if (!live) return { kind: "off" };
    const found = findQuickPainting({ engines, capabilities, inputs }, settings);
    if ("kind" in found) return found;
    const { painting, steps } = found;
    if (run.phase.value !== "idle" || !seen.value) return null;
    const layers = paintingKey(painting);
    return { painting, settings, layers, key: JSON.stringify([layers, steps]) };
  }

  function update(): void {
    const next = wanted();
    untracked(() => {
      // Thumbnails come in, other settings change: that is no reason to begin again.
      if (next !== null && "key" in next && next.key === job?.key) return;
      const layersBefore = job?.layers ?? view.value?.layers;
      giveUp();
      if (next === null) return;
      if ("kind" in next) {
        state.value = next;
        view.value = null;
        return;
      }
      if (view.value?.key === next.key && complete === next.key) {
        state.value = { kind: "shown" };
        return;
      }
      const isMove = next.layers === layersBefore;
      if (!isMove) view.value = null;
      state.value = { kind: "painting" };
      job = { ...next, abort: new AbortController(), timer: undefined };
      wait(job, isMove ? MOVE_MS : LIVE_REST_MS);
    });
  }

  function wait(mine: Job, delayMs: number, retryMs = RETRY_MS): void {
    mine.timer = setTimeout(() => void paint(mine, retryMs), delayMs);
  }

  function giveUp(): void {
    clearTimeout(job?.timer);
    job?.abort.abort();
    job = null;
  }

  async function paint(mine: Job, retryMs: number): Promise<void> {
    const { painting, settings, key, layers, abort } = mine;
    const { signal } = abort;
    try {
      const pictures = await read(painting, readSide(settings));
      for (const step of liveSteps(settings, pictures.content)) {
        if (signal.aborted) return;
        const picture = await engines.present().live(toRequest(pictures, step), signal);
        if (signal.aborted) return;
        view.value = { picture, read: pictures, layers, key };
        state.value = { kind: "shown" };
      }
      complete = key;
    } catch (error) {
      if (signal.aborted) return;
      const waits = mayPaintLater(error);
      state.value = waits ? { kind: "waiting" } : { kind: "failed", error: toErrorBody(error) };
      view.value = null;
      if (waits) wait(mine, retryMs, Math.min(2 * retryMs, LONGEST_RETRY_MS));
    }
  }

  return {
    state,
    view,

    /** The picture that is seen, if it is of these settings and of what is chosen now. */
    seenFor(): LivePicture | null {
      const next = untracked(wanted);
      const shown = view.value;
      return next !== null && "key" in next && shown?.key === next.key ? shown.picture : null;
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
