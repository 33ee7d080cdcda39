// Styles that the companion learns on frames of the document, several of them together: begun here, looked at while it goes
// on, taken for the style when it is done. It goes on without the panel, which finds it again.

import { computed, signal, batch as together } from "@preact/signals-core";
import { type ErrorBody, ImpastoError } from "../../companion/protocol/errors.ts";
import { evenly } from "../../companion/protocol/evenly.ts";
import { MAX_LEARNED_STYLES, type OwnKind } from "../../companion/protocol/learned-styles.ts";
import type { Learning, LearningChange } from "../../companion/protocol/learnings.ts";
import { LEARN_MINUTES, MAX_LEARN_FRAMES } from "../../companion/protocol/limits.ts";
import type { StyleSchool } from "../engines/style-engine.ts";
import type { Host, SourcePicture } from "../host.ts";
import type { BatchModel } from "./batch.ts";
import type { BatchRow } from "./batch-rows.ts";
import { createFollowedLearning, isGoingOn } from "./followed-learning.ts";
import { createLearnedFiles } from "./learned-files.ts";
import { isPicture } from "./painting.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide, type WorkParts } from "./work-parts.ts";

/** Learning looks at pieces: what is larger teaches nothing more. */
const FRAME_SIDE_PX = 768;

export type LearningModel = ReturnType<typeof createLearning>;

type LearningParts = Pick<WorkParts, "host" | "inputs" | "preferences" | "engine"> & { batch: BatchModel };

export function createLearning({ host, inputs, preferences, engine, batch }: LearningParts) {
  const minutes = signal(LEARN_MINUTES);
  /** Null: what suits one style, or several. */
  const own = signal<OwnKind | null>(null);
  const error = signal<ErrorBody | null>(null);
  /** Frames that are read and sent, of how many; null: none are. */
  const reading = signal<{ done: number; all: number } | null>(null);
  let starting: AbortController | null = null;
  const kept = createLearnedFiles(school);
  const followed = createFollowedLearning(school, (finished) => void take(finished));
  const { learning } = followed;
  const busy = computed(() => reading.value !== null || (learning.value !== null && isGoingOn(learning.value)));

  async function school(): Promise<StyleSchool> {
    const found = (await engine()).school;
    if (found !== null) return found;
    throw new ImpastoError("companion-unreachable", "Styles are learned by the companion.", { hint: "Start it." });
  }

  async function start(): Promise<void> {
    const styles = inputs.styles.value.filter(isPicture).slice(0, MAX_LEARNED_STYLES);
    const readable = batch.rows.value.filter((row) => row.problem === null);
    const frames = evenly(readable, MAX_LEARN_FRAMES);
    if (styles.length === 0 || frames.length === 0 || busy.value) return;
    const abort = new AbortController();
    const { settings } = preferences.value.value;
    starting = abort;
    together(() => {
      error.value = null;
      reading.value = { done: 0, all: frames.length };
    });
    try {
      const taught: SourcePicture[] = [];
      for (const style of styles) taught.push(await style.read({ maxSide: readSide(settings) }));
      const onRead = (done: number) => {
        reading.value = { done, all: frames.length };
      };
      const pictures = await readFrames(host, frames, abort.signal, onRead);
      if (abort.signal.aborted) return;
      const order = {
        ...{ styles: taught, frames: pictures, minutes: minutes.value, settings },
        own: kept.into.value !== null || (own.value === "filters" && taught.length > 1) ? null : own.value,
        into: await kept.readInto(),
      };
      const begun = await (await school()).begin(order, abort.signal);
      if (abort.signal.aborted) await (await school()).remove(begun.id);
      else {
        followed.show(begun);
        const leftOut = frames.length - pictures.length;
        const message = `${leftOut} of ${frames.length} frames could not be read and are left out.`;
        if (leftOut > 0) error.value = { code: "bad-picture", message };
      }
    } catch (cause) {
      error.value = abort.signal.aborted ? null : toErrorBody(cause);
    } finally {
      starting = null;
      reading.value = null;
    }
  }

  /** The learned style, or the first of those that were learned together, becomes the style, alone. */
  async function take(finished: Learning): Promise<void> {
    try {
      const first = await kept.first(finished);
      const chosen = inputs.styles.value;
      inputs.choose(first);
      for (const { layerId } of chosen) if (layerId !== null) inputs.setRole(layerId, { kind: "unused" });
    } catch (cause) {
      error.value = toErrorBody(cause);
    }
  }

  async function change(action: LearningChange["action"]): Promise<void> {
    const current = learning.value;
    if (current === null) return;
    try {
      error.value = null;
      followed.show(await (await school()).change(current.id, { action }));
    } catch (cause) {
      error.value = toErrorBody(cause);
    }
  }

  return {
    minutes,
    own,
    into: kept.into,
    files: kept.files,
    learning,
    preview: followed.preview,
    error,
    reading,
    busy,
    start,
    take,

    pauseOrResume: () => change(learning.value?.state === "running" ? "pause" : "resume"),
    /** What was learned so far is the learned style. */
    useNow: () => change("stop"),

    async cancel(): Promise<void> {
      starting?.abort();
      const current = learning.value;
      if (current === null) return;
      followed.forget();
      error.value = await school()
        .then((found) => found.remove(current.id))
        .then(
          () => null,
          (cause) => toErrorBody(cause),
        );
    },

    /** Finds what goes on, or waits, since the panel was closed. */
    async recover(): Promise<void> {
      if (busy.value) return;
      const found = await school()
        .then((companion) => companion.list())
        .catch(() => []);
      const open = found.find(isGoingOn);
      if (open !== undefined && !busy.value) followed.show(open);
    },

    learned: kept.learned,
    /** For the sheet of styles; none without a companion. */
    async loadLearned(): Promise<void> {
      const found = await (await engine()).school?.list().catch(() => []);
      await kept.load(found ?? []);
    },

    stop: followed.stop,
  };
}

/** Those that can be read. `onRead` is told how many were tried. Throws when none can be. */
async function readFrames(
  host: Host,
  frames: readonly BatchRow[],
  signal: AbortSignal,
  onRead: (count: number) => void,
): Promise<SourcePicture[]> {
  const pictures: SourcePicture[] = [];
  let unreadable: unknown = null;
  for (const [before, { id }] of frames.entries()) {
    if (signal.aborted) break;
    try {
      pictures.push(await host.readPicture(id, { maxSide: FRAME_SIDE_PX }));
    } catch (cause) {
      unreadable ??= cause;
    }
    onRead(before + 1);
  }
  if (unreadable !== null && pictures.length === 0) throw unreadable;
  return pictures;
}
