// From a picture that is there to the next one: with the settings as they are now, on from it or anew where that takes a
// second or two.

import { QUALITIES, SETTINGS, type SettingName, type Settings } from "../../companion/protocol/settings.ts";
import type { EngineRequest } from "../engines/style-engine.ts";
import type { SourcePicture } from "../host.ts";
import { fromBitmap } from "../pictures.ts";
import type { Made } from "./run-result.ts";
import { type RunSources, toRequest } from "./run-sources.ts";
import type { RunWork } from "./run-work.ts";

/** After a move of the strength slider, before a finished picture goes on; moves after that go to the run. */
const TWEAK_DELAY_MS = 100;
/** Iterations of going on from a picture that is styled already. */
const TWEAK_ITERATIONS = 60;

export interface GoingOnParts {
  settings(): Settings;
  /** The picture that is done; null while there is none. */
  present(): Made | null;
  work: RunWork;
  /** Runs a request, and tells of the picture that came of it. */
  follow(makeRequest: (now: Settings) => EngineRequest): Promise<void>;
}

export function createGoingOn({ settings, present, work, follow }: GoingOnParts) {
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Goes on from the picture that is there, with the settings as they are now. */
  async function goOn(from: SourcePicture, read: RunSources): Promise<void> {
    if (isOnePass(settings())) return again(read);
    work.reset("running");
    const size = Math.max(from.width, from.height);
    await follow((now) => {
      const firstIterations = Math.min(TWEAK_ITERATIONS, now.iterations ?? TWEAK_ITERATIONS);
      const minScale = Math.min(size, SETTINGS.minScale.max);
      return { ...toRequest(read, { ...now, size, init: "image", minScale, firstIterations }), initial: from };
    });
  }

  /** The same pictures with the settings as they are now: what takes a second or two begins anew. */
  async function again(read: RunSources): Promise<void> {
    work.reset("running");
    await follow((now) => toRequest(read, now));
  }

  return {
    goOn,

    /** A move that nothing was done about yet. */
    forgetMove: (): void => clearTimeout(timer),

    /** To be called after a setting was changed by hand; only live ones mean anything here. */
    settingChanged(name: SettingName): void {
      const described = SETTINGS[name];
      if (!("live" in described) || !described.live || work.update(name)) return;
      const made = present();
      if (work.phase.value !== "done" || made === null || made.sources.surface !== undefined) return;
      clearTimeout(timer);
      const { picture, sources, settings: madeWith } = made;
      const from = { ...picture, name: sources.content.name };
      timer = setTimeout(() => void (isOnePass(madeWith) ? again(sources) : goOn(from, sources)), TWEAK_DELAY_MS);
    },

    /** Goes on with another engine from the latest preview, or from the start when there is none. */
    async restart(read: RunSources): Promise<void> {
      const bitmap = work.preview.value;
      if (bitmap === null || read.surface !== undefined || isOnePass(settings())) return again(read);
      const isPresent = work.watch();
      const from = await fromBitmap(bitmap, read.content.name);
      if (!isPresent()) return;
      work.reset("running");
      await follow((now) => ({ ...toRequest(read, { ...now, init: "image" }), initial: from }));
    },
  };
}

/** Painted from its content alone, in a second or two: there is nothing to go on from. */
function isOnePass({ model, quality }: Settings): boolean {
  return model !== null || QUALITIES[quality].method === "quick";
}
