// The quick picture of what is chosen, shown without a click: painted when the choice has come to rest, and anew with each
// move of a setting that it depends on. Runs come first, nothing is painted that nobody sees, and a failure says so and
// stands in nobody's way.

import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import { type ErrorBody, ImpastoError } from "../../companion/protocol/errors.ts";
import { liveSettings, liveSteps } from "../../companion/protocol/live.ts";
import { checkMethod } from "../../companion/protocol/settings-checks.ts";
import type { Settings } from "../../companion/protocol/settings.ts";
import type { EngineCapabilities, LivePicture } from "../engines/style-engine.ts";
import type { EngineChoice } from "./engine-choice.ts";
import type { Inputs } from "./inputs.ts";
import type { Painting, ReadPainting } from "./painting.ts";
import type { PreferenceStore } from "./preferences.ts";
import { paintingKey, type ReadOnce } from "./read-once.ts";
import type { RunModel } from "./run.ts";
import { toRequest } from "./run-sources.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide } from "./work-parts.ts";

/** After the last change of a layer. */
export const LIVE_REST_MS = 300;
/** After the last move of a setting: a slider that is dragged moves more often than a picture is painted. */
const MOVE_MS = 60;
/** While other work comes first: twice as long each time. */
const RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 30_000;

export type LiveState =
  /** Switched off, or there is nothing to paint. */
  | { kind: "off" }
  /** What is chosen has no quick picture; texts.ts has the words. */
  | { kind: "unavailable"; why: "companion" | "masks" | "settings" }
  | { kind: "painting" }
  | { kind: "shown" }
  /** Other work comes first; tried again by itself. */
  | { kind: "waiting" }
  | { kind: "failed"; error: ErrorBody };

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

export interface LiveParts {
  engines: EngineChoice;
  /** Of the engine that takes the next run; null while that is not known. */
  capabilities: ReadonlySignal<EngineCapabilities | null>;
  inputs: Inputs;
  preferences: PreferenceStore;
  run: RunModel;
  read: ReadOnce;
  /** Whether anybody sees the preview now. */
  seen: ReadonlySignal<boolean>;
}

export type LivePreview = ReturnType<typeof createLivePreview>;

export function createLivePreview({ engines, capabilities, inputs, preferences, run, read, seen }: LiveParts) {
  const state = signal<LiveState>({ kind: "off" });
  const view = signal<LiveView | null>(null);
  /** In work, or ended by a failure that asks for something else. */
  let job: Job | null = null;
  /** Of the last picture that came in all its sizes. */
  let complete: string | null = null;

  /** Null: it is not the time to paint. */
  function wanted(): Wanted | LiveState | null {
    const { settings, live } = preferences.value.value;
    const painting = inputs.painting.value;
    const isRestyle = inputs.recipe.value !== null;
    if (!live || painting === null || inputs.problem.value !== null || isRestyle) return { kind: "off" };
    const can = capabilities.value;
    const isThere = engines.engineKind.value === "panel" || engines.linkKind.value === "ready";
    if (can === null || can.kind !== engines.engineKind.value || !isThere) return { kind: "off" };
    if (!can.live) return { kind: "unavailable", why: "companion" };
    if (painting.masks.length > 0) return { kind: "unavailable", why: "masks" };
    const { content } = painting;
    const size = { width: Math.max(1, content.width), height: Math.max(1, content.height) };
    const steps = liveSteps(settings, size).map((step) => liveSettings(step, size));
    if (settings.model !== null || !steps.every(isPaintable)) return { kind: "unavailable", why: "settings" };
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
      const isPassing = error instanceof ImpastoError && PASSING.has(error.code);
      state.value = isPassing ? { kind: "waiting" } : { kind: "failed", error: toErrorBody(error) };
      view.value = null;
      if (isPassing) wait(mine, retryMs, Math.min(2 * retryMs, LONGEST_RETRY_MS));
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

const PASSING: ReadonlySet<string> = new Set(["busy", "cancelled", "rate-limited", "companion-unreachable"]);

function isPaintable(settings: Settings): boolean {
  try {
    checkMethod(settings);
    return true;
  } catch {
    return false;
  }
}
