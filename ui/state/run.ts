// One picture from click to layer: preparing, running, done or failed. Strength moves act at once: on the
// running engine, or after the run by going on from the present picture.

import { batch, computed, signal } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { Progress } from "../../companion/protocol/progress.ts";
import { QUALITIES, SETTINGS, type SettingName, type Settings } from "../../companion/protocol/settings.ts";
import { wayOf } from "../../companion/protocol/way.ts";
import type { EngineRequest, EngineResult, EngineRun, LivePicture, RunState } from "../engines/style-engine.ts";
import type { SourcePicture } from "../host.ts";
import { fromBitmap } from "../pictures.ts";
import { addToCurve, type Curve, EMPTY_CURVE } from "./curve.ts";
import { countParts } from "./painting.ts";
import { createRunResult, type Made } from "./run-result.ts";
import { type RunSources, readSources, toRequest } from "./run-sources.ts";
import { toErrorBody } from "./to-error-body.ts";
import type { WorkParts } from "./work-parts.ts";

export type Phase = "idle" | "preparing" | "running" | "done" | "failed";

/** After a move of the strength slider, before a finished picture goes on; moves after that go to the run. */
const TWEAK_DELAY_MS = 100;
/** Iterations of going on from a picture that is styled already. */
const TWEAK_ITERATIONS = 60;

export type RunModel = ReturnType<typeof createRun>;

export interface RunParts extends WorkParts {
  /** The live picture of what is chosen, when it is there. */
  seen(): LivePicture | null;
  /** Called with each picture that is done. */
  onMade(made: Made): void;
}

/** The optimizer goes on from what was seen, to the same picture; what begins with a draft finds it by itself. */
function startAt(seen: LivePicture | null, request: EngineRequest): EngineRequest {
  if (seen === null || request.settings.init !== null || wayOf(request.settings) !== "optimize") return request;
  return { ...request, initial: { ...seen, name: request.content.name } };
}

export function createRun(parts: RunParts) {
  const { host, preferences, engine } = parts;
  const phase = signal<Phase>("idle");
  const preparedParts = signal(0);
  const allParts = signal(2);
  const state = signal<RunState>("running");
  const progress = signal<Progress | null>(null);
  const preview = signal<ImageBitmap | null>(null);
  const curve = signal<Curve>(EMPTY_CURVE);
  const result = signal<EngineResult | null>(null);
  const error = signal<ErrorBody | null>(null);
  const sources = signal<RunSources | null>(null);

  let run: EngineRun | null = null;
  let abort: AbortController | null = null;
  let tweakTimer: ReturnType<typeof setTimeout> | undefined;
  /** Settings of the run under way, and of the result: what is set meanwhile for the next one is none of theirs. */
  let runSettings: Settings = preferences.value.value.settings;
  let resultSettings: Settings = runSettings;
  /** Counts starts, so that what a cancelled one still says is not taken for the present one's words. */
  let generation = 0;
  /** What began the present run. */
  let begun: () => Promise<void> = start;

  const settings = (): Settings => preferences.value.value.settings;
  const present = (): Made | null => {
    const picture = result.value;
    const read = sources.value;
    return picture === null || read === null ? null : { picture, sources: read, settings: resultSettings };
  };
  const made = createRunResult(host, present);

  function reset(next: Phase): void {
    generation += 1;
    clearTimeout(tweakTimer);
    abort?.abort();
    abort = null;
    run = null;
    batch(() => {
      phase.value = next;
      preparedParts.value = 0;
      state.value = "running";
      progress.value = null;
      curve.value = EMPTY_CURVE;
      error.value = null;
      if (next === "idle" || next === "preparing") {
        result.value = null;
        made.insertedId.value = null;
        setPreview(null);
        if (next === "idle") sources.value = null;
      }
    });
  }

  function setPreview(bitmap: ImageBitmap | null): void {
    preview.value?.close();
    preview.value = bitmap;
  }

  /** Reads the layers and starts. Resolves when the run is over; failures end in the phase "failed". */
  async function start(): Promise<void> {
    const seen = parts.seen();
    const painting = parts.inputs.painting.value;
    begun = start;
    allParts.value = painting === null ? 2 : countParts(painting);
    await begin((onRead) => readSources(parts, settings(), onRead), seen);
  }

  async function begin(
    readAll: (onRead: (count: number) => void) => Promise<RunSources>,
    seen: LivePicture | null,
  ): Promise<void> {
    reset("preparing");
    const mine = generation;
    try {
      const read = await readAll((count) => {
        if (mine === generation) preparedParts.value = count;
      });
      if (mine !== generation) return;
      sources.value = read;
      const { styleId } = read.made;
      const layer = styleId === null ? {} : { lastStyleId: styleId };
      preferences.set({ ...layer, lastStyleKey: read.styleKey });
      await follow((now) => startAt(seen, toRequest(read, now)));
    } catch (cause) {
      fail(mine, cause);
    }
  }

  /**
   * Runs a request to its end; the phase is "running", then "done" or "failed". The request is made when the engine is
   * known, with the settings of that moment.
   */
  async function follow(makeRequest: (now: Settings) => EngineRequest): Promise<void> {
    const mine = generation;
    abort = new AbortController();
    phase.value = "running";
    try {
      const chosen = await engine();
      if (mine !== generation) return;
      runSettings = settings();
      run = chosen.stylize(makeRequest(runSettings), {
        signal: abort.signal,
        onState: (next) => {
          if (mine === generation) state.value = next;
        },
        onProgress: (next) => {
          if (mine !== generation) return;
          batch(() => {
            if (state.value === "waiting") state.value = "running";
            progress.value = next;
            curve.value = addToCurve(curve.value, next);
          });
        },
        onPreview: (bitmap) => {
          if (mine === generation) setPreview(bitmap);
          else bitmap.close();
        },
      });
      const finished = await run.result;
      if (mine !== generation) return;
      resultSettings = runSettings;
      batch(() => {
        result.value = finished;
        made.insertedId.value = null;
        phase.value = "done";
        run = null;
      });
      const done = present();
      if (done !== null) parts.onMade(done);
    } catch (cause) {
      fail(mine, cause);
    }
  }

  function fail(mine: number, cause: unknown): void {
    if (mine !== generation) return;
    run = null;
    batch(() => {
      error.value = toErrorBody(cause);
      phase.value = "failed";
    });
  }

  /** Goes on from the picture that is there, with the settings as they are now. */
  async function goOn(from: SourcePicture, read: RunSources): Promise<void> {
    reset("running");
    const size = Math.max(from.width, from.height);
    await follow((now) => {
      const firstIterations = Math.min(TWEAK_ITERATIONS, now.iterations ?? TWEAK_ITERATIONS);
      const minScale = Math.min(size, SETTINGS.minScale.max);
      return { ...toRequest(read, { ...now, size, init: "image", minScale, firstIterations }), initial: from };
    });
  }

  /** The same pictures with the settings as they are now: what takes a second or two begins anew. */
  async function again(read: RunSources): Promise<void> {
    reset("running");
    await follow((now) => toRequest(read, now));
  }

  return {
    phase,
    state,
    progress,
    preview,
    curve,
    result,
    error,
    sources,
    insertedId: made.insertedId,
    inserting: made.inserting,
    /** How many of all layers have been read. */
    preparedParts,
    allParts,
    active: computed(() => phase.value === "preparing" || phase.value === "running"),

    start,
    /** The same from its beginning: after a failure. */
    retry: () => begun(),
    /** Of pictures that are read from elsewhere than the selection. */
    startWith(readAll: () => Promise<RunSources>): Promise<void> {
      begun = () => {
        allParts.value = 1;
        return begin(readAll, null);
      };
      return begun();
    },
    insert: made.insert,
    undo: made.undo,
    show: made.show,
    download: made.download,

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

    /** "Use this one now": the best picture so far becomes the result. */
    useNow(): void {
      run?.stop();
    },

    /** Back to the settings; from a run that goes on from a finished picture, back to that picture. */
    back(): void {
      const hasPicture = result.value !== null && (phase.value === "running" || phase.value === "failed");
      reset(hasPicture ? "done" : "idle");
    },

    /** To be called after a setting was changed by hand; only live ones mean anything here. */
    settingChanged(name: SettingName): void {
      const described = SETTINGS[name];
      if (!("live" in described) || !described.live) return;
      if (run !== null) {
        run.update({ [name]: settings()[name] });
        runSettings = { ...runSettings, [name]: settings()[name] };
        return;
      }
      const picture = result.value;
      const read = sources.value;
      if (phase.value !== "done" || picture === null || read === null || read.surface !== undefined) return;
      clearTimeout(tweakTimer);
      const isQuick = QUALITIES[resultSettings.quality].method === "quick";
      const from = { ...picture, name: read.content.name };
      tweakTimer = setTimeout(() => void (isQuick ? again(read) : goOn(from, read)), TWEAK_DELAY_MS);
    },

    /** Goes on with another engine from the latest preview, or from the start when there is none. */
    async restart(): Promise<void> {
      const read = sources.value;
      const bitmap = preview.value;
      if (read === null) return begun();
      if (bitmap === null || read.surface !== undefined) return again(read);
      const mine = generation;
      const from = await fromBitmap(bitmap, read.content.name);
      if (mine !== generation) return;
      reset("running");
      await follow((now) => ({ ...toRequest(read, { ...now, init: "image" }), initial: from }));
    },

    /** Starts from a result layer: its content, its style and its pixels, with the settings as they are now. */
    async restyle(from: SourcePicture, read: RunSources): Promise<void> {
      reset("preparing");
      sources.value = read;
      await goOn(from, read);
    },
  };
}
