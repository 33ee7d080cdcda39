// One picture from click to layer: preparing, running, done or failed. Strength moves act at once: on the
// running engine, or after the run by going on from the present picture.

import { computed, signal } from "@preact/signals-core";
import type { Settings } from "../../companion/protocol/settings.ts";
import { wayOf } from "../../companion/protocol/way.ts";
import type { EngineRequest, EngineResult, LivePicture } from "../engines/style-engine.ts";
import type { SourcePicture } from "../host.ts";
import { createGoingOn } from "./going-on.ts";
import { countParts } from "./painting.ts";
import { createRunResult, type Made } from "./run-result.ts";
import { type RunSources, readSources, toRequest } from "./run-sources.ts";
import { createRunWork, type Phase } from "./run-work.ts";
import type { WorkParts } from "./work-parts.ts";

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
  const preparedParts = signal(0);
  const allParts = signal(2);
  const result = signal<EngineResult | null>(null);
  const sources = signal<RunSources | null>(null);
  const settings = (): Settings => preferences.value.value.settings;
  let resultSettings = settings();
  /** What began the present run. */
  let begun: () => Promise<void> = start;

  const present = (): Made | null => {
    const picture = result.value;
    const read = sources.value;
    return picture === null || read === null ? null : { picture, sources: read, settings: resultSettings };
  };
  const made = createRunResult(host, present);
  const work = createRunWork({ engine, settings, onReset: forget, onResult: keep });
  const onward = createGoingOn({ settings, present, work, follow });

  function forget(next: Phase): void {
    onward.forgetMove();
    preparedParts.value = 0;
    if (next !== "idle" && next !== "preparing") return;
    result.value = null;
    made.insertedId.value = null;
    if (next === "idle") sources.value = null;
  }

  function keep(finished: EngineResult, madeWith: Settings): void {
    resultSettings = madeWith;
    result.value = finished;
    made.insertedId.value = null;
  }

  /** Runs a request, and tells of the picture that came of it. */
  async function follow(makeRequest: (now: Settings) => EngineRequest): Promise<void> {
    const isPresent = work.watch();
    await work.follow(makeRequest);
    const done = present();
    if (isPresent() && work.phase.value === "done" && done !== null) parts.onMade(done);
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
    work.reset("preparing");
    const isPresent = work.watch();
    await work.attempt(async () => {
      const read = await readAll((count) => {
        if (isPresent()) preparedParts.value = count;
      });
      if (!isPresent()) return;
      sources.value = read;
      const { styleId } = read.made;
      const layer = styleId === null ? {} : { lastStyleId: styleId };
      preferences.set({ ...layer, ...(read.styleKey !== null && { lastStyleKey: read.styleKey }) });
      await follow((now) => startAt(seen, toRequest(read, now)));
    });
  }

  return {
    phase: work.phase,
    state: work.state,
    progress: work.progress,
    preview: work.preview,
    curve: work.curve,
    error: work.error,
    result,
    sources,
    insertedId: made.insertedId,
    inserting: made.inserting,
    /** How many of all layers have been read. */
    preparedParts,
    allParts,
    active: computed(() => work.phase.value === "preparing" || work.phase.value === "running"),

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
    pauseOrResume: work.pauseOrResume,
    /** "Use this one now": the best picture so far becomes the result. */
    useNow: work.stop,

    /** Back to the settings; from a run that goes on from a finished picture, back to that picture. */
    back(): void {
      const { value } = work.phase;
      work.reset(result.value !== null && (value === "running" || value === "failed") ? "done" : "idle");
    },

    settingChanged: onward.settingChanged,

    /** Goes on with another engine from the latest preview, or from the start when there is none. */
    restart: () => (sources.value === null ? begun() : onward.restart(sources.value)),

    /** Starts from a result layer: its content, its style and its pixels, with the settings as they are now. */
    async restyle(from: SourcePicture, read: RunSources): Promise<void> {
      work.reset("preparing");
      sources.value = read;
      await onward.goOn(from, read);
    },
  };
}
