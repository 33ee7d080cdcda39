// One request in an engine's hands: what it says of itself while it works, and how it ended. What an earlier one still says
// is not taken for the present one's words.

import { batch, signal } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { Progress } from "../../companion/protocol/progress.ts";
import type { SettingName, Settings } from "../../companion/protocol/settings.ts";
import type { EngineRequest, EngineResult, EngineRun, RunState, StyleEngine } from "../engines/style-engine.ts";
import { addToCurve, type Curve, EMPTY_CURVE } from "./curve.ts";
import { toErrorBody } from "./to-error-body.ts";

export type Phase = "idle" | "preparing" | "running" | "done" | "failed";

export interface RunWorkParts {
  /** The engine that takes what starts next. */
  engine(): Promise<StyleEngine>;
  /** As they are now. */
  settings(): Settings;
  /** Called while the phase changes, before anybody sees the new one. */
  onReset(next: Phase): void;
  /** Called with each picture that is done, in the change to the phase "done". */
  onResult(result: EngineResult, madeWith: Settings): void;
}

export type RunWork = ReturnType<typeof createRunWork>;

export function createRunWork({ engine, settings, onReset, onResult }: RunWorkParts) {
  const phase = signal<Phase>("idle");
  const state = signal<RunState>("running");
  const progress = signal<Progress | null>(null);
  const preview = signal<ImageBitmap | null>(null);
  const curve = signal<Curve>(EMPTY_CURVE);
  const error = signal<ErrorBody | null>(null);
  let run: EngineRun | null = null;
  let abort: AbortController | null = null;
  /** Of the run under way: what is set meanwhile for the next one is none of theirs. */
  let runSettings = settings();
  let generation = 0;

  function setPreview(bitmap: ImageBitmap | null): void {
    preview.value?.close();
    preview.value = bitmap;
  }

  /** Tells from now on whether a reset came between. */
  function watch(): () => boolean {
    const mine = generation;
    return () => mine === generation;
  }

  function fail(cause: unknown): void {
    run = null;
    batch(() => {
      error.value = toErrorBody(cause);
      phase.value = "failed";
    });
  }

  return {
    phase,
    state,
    progress,
    preview,
    curve,
    error,

    /** Gives up what is under way. */
    reset(next: Phase): void {
      generation += 1;
      abort?.abort();
      abort = null;
      run = null;
      batch(() => {
        phase.value = next;
        state.value = "running";
        progress.value = null;
        curve.value = EMPTY_CURVE;
        error.value = null;
        if (next === "idle" || next === "preparing") setPreview(null);
        onReset(next);
      });
    },

    watch,

    /** Does what comes before the engine's part; its failure is the run's. */
    async attempt(prepare: () => Promise<void>): Promise<void> {
      const isPresent = watch();
      try {
        await prepare();
      } catch (cause) {
        if (isPresent()) fail(cause);
      }
    },

    /**
     * Runs a request to its end; the phase is "running", then "done" or "failed". The request is made when the engine is
     * known, with the settings of that moment.
     */
    async follow(makeRequest: (now: Settings) => EngineRequest): Promise<void> {
      const isPresent = watch();
      abort = new AbortController();
      phase.value = "running";
      try {
        const chosen = await engine();
        if (!isPresent()) return;
        runSettings = settings();
        run = chosen.stylize(makeRequest(runSettings), {
          signal: abort.signal,
          onState: (next) => {
            if (isPresent()) state.value = next;
          },
          onProgress: (next) => {
            if (!isPresent()) return;
            batch(() => {
              if (state.value === "waiting") state.value = "running";
              progress.value = next;
              curve.value = addToCurve(curve.value, next);
            });
          },
          onPreview: (bitmap) => {
            if (isPresent()) setPreview(bitmap);
            else bitmap.close();
          },
        });
        const finished = await run.result;
        if (!isPresent()) return;
        run = null;
        batch(() => {
          phase.value = "done";
          onResult(finished, runSettings);
        });
      } catch (cause) {
        if (isPresent()) fail(cause);
      }
    },

    /** Changes a live setting of the run under way; false where there is none. */
    update(name: SettingName): boolean {
      if (run === null) return false;
      const change = { [name]: settings()[name] };
      run.update(change);
      runSettings = { ...runSettings, ...change };
      return true;
    },

    pauseOrResume(): void {
      if (run === null) return;
      if (state.value === "paused" || state.value === "disk-full") {
        run.resume();
        state.value = "running";
      } else {
        run.pause();
        state.value = "paused";
      }
    },

    /** The best picture so far becomes the result. */
    stop(): void {
      run?.stop();
    },
  };
}
