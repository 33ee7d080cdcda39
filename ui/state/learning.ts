// Styles that the companion learns on frames of the document, several of them together: begun here, looked at while it goes
// on, taken for the style when it is done. It goes on without the panel, which finds it again.

import { batch as together, computed, signal } from "@preact/signals-core";
import { evenly } from "../../companion/protocol/evenly.ts";
import { type ErrorBody, ImpastoError } from "../../companion/protocol/errors.ts";
import type { Learned, Learning, LearningChange } from "../../companion/protocol/learnings.ts";
import { MAX_LEARNED_STYLES, type OwnKind } from "../../companion/protocol/learned-styles.ts";
import { LEARN_MINUTES, MAX_LEARN_FRAMES } from "../../companion/protocol/limits.ts";
import type { StyleSchool } from "../engines/style-engine.ts";
import type { SourcePicture } from "../host.ts";
import type { BatchModel } from "./batch.ts";
import type { LearnedStyle } from "./other-styles.ts";
import { isPicture } from "./painting.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide, type WorkParts } from "./work-parts.ts";

/** Learning looks at pieces: what is larger teaches nothing more. */
const FRAME_SIDE_PX = 768;
const LOOK_MS = 1_000;
/** Each is a file of some 2 MB at most. */
const MOST_OFFERED = 8;

export type LearningModel = ReturnType<typeof createLearning>;

type LearningParts = Pick<WorkParts, "host" | "inputs" | "preferences" | "engine"> & { batch: BatchModel };

export function createLearning({ host, inputs, preferences, engine, batch }: LearningParts) {
  const minutes = signal(LEARN_MINUTES);
  /** Null: what suits one style, or several. */
  const own = signal<OwnKind | null>(null);
  /** The learned file that more are added to; null: a file of their own. */
  const into = signal<LearnedFile | null>(null);
  /** That can be added to, newest first. */
  const files = signal<readonly LearnedFile[]>([]);
  /** The latest, whatever became of it; null: none was begun or found. */
  const learning = signal<Learning | null>(null);
  const preview = signal<Uint8Array | null>(null);
  const error = signal<ErrorBody | null>(null);
  /** Frames that are read and sent, of how many; null: none are. */
  const reading = signal<{ done: number; all: number } | null>(null);
  /** What was learned before, newest first. */
  const learned = signal<readonly LearnedStyle[]>([]);
  let starting: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Of the preview that is shown. */
  let shown = 0;

  async function school(): Promise<StyleSchool> {
    const found = (await engine()).school;
    if (found !== null) return found;
    throw new ImpastoError("companion-unreachable", "Styles are learned by the companion.", { hint: "Start it." });
  }

  async function start(): Promise<void> {
    const styles = inputs.styles.value.filter(isPicture).slice(0, MAX_LEARNED_STYLES);
    const frames = evenly(
      batch.rows.value.filter((row) => row.problem === null),
      MAX_LEARN_FRAMES,
    );
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
      const pictures: SourcePicture[] = [];
      let unreadable: unknown = null;
      for (const [before, { id }] of frames.entries()) {
        if (abort.signal.aborted) return;
        try {
          pictures.push(await host.readPicture(id, { maxSide: FRAME_SIDE_PX }));
        } catch (cause) {
          unreadable ??= cause;
        }
        reading.value = { done: before + 1, all: frames.length };
      }
      if (unreadable !== null && pictures.length === 0) throw unreadable;
      const order = {
        ...{ styles: taught, frames: pictures, minutes: minutes.value, settings },
        own: into.value !== null || (own.value === "filters" && taught.length > 1) ? null : own.value,
        into: into.value === null ? null : await readFile(into.value),
      };
      const begun = await (await school()).begin(order, abort.signal);
      if (abort.signal.aborted) await (await school()).remove(begun.id);
      else {
        show(begun);
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

  async function readFile({ id, name, width, height }: LearnedFile): Promise<SourcePicture> {
    return { bytes: await (await school()).result(id), name, width, height };
  }

  function show(next: Learning): void {
    if (next.id !== learning.value?.id) {
      preview.value = null;
      shown = 0;
    }
    const before = learning.value?.state;
    learning.value = next;
    clearTimeout(timer);
    if (next.preview > shown) void fetchPreview(next);
    if (isGoingOn(next)) timer = setTimeout(() => void look(next.id), LOOK_MS);
    else if (next.state === "finished" && before !== undefined && before !== "finished") void take(next);
  }

  async function look(id: string): Promise<void> {
    try {
      const next = await (await school()).look(id);
      if (learning.value?.id === id) show(next);
    } catch (cause) {
      const body = toErrorBody(cause);
      if (learning.value?.id !== id) return;
      if (body.code === "not-found") forget();
      // The companion went away: it is found again, or asked once more.
      else timer = setTimeout(() => void look(id), LOOK_MS);
    }
  }

  async function fetchPreview({ id, preview: number }: Learning): Promise<void> {
    shown = number;
    const bytes = await school()
      .then((found) => found.preview(id))
      .catch(() => null);
    if (bytes !== null && learning.value?.id === id) preview.value = bytes;
  }

  /** Each of several is a style by itself, and then all of them are one to be mixed. */
  async function fetchLearned({ id, request, learned: facts }: Learning): Promise<LearnedStyle[]> {
    if (facts === null) return [];
    const { style, others = [] } = request;
    const names = [style, ...others].map(({ name = "" }) => name);
    const each = facts.styles?.map(({ name, width, height }, i) => ({ name, width, height, number: i + 1 }));
    const all = each ?? [{ name: names[0] ?? "", width: facts.width, height: facts.height, number: undefined }];
    const bytesOf = async (styleId: string, number?: number) =>
      learned.value.find((other) => other.id === styleId)?.picture.bytes ?? (await school()).result(id, number);
    const styles: LearnedStyle[] = [];
    for (const { name, width, height, number } of all) {
      const styleId = number === undefined ? id : `${id}/${number}`;
      const bytes = await bytesOf(styleId, number);
      styles.push({ from: "learned", id: styleId, picture: { bytes, name, width, height } });
    }
    if (each !== undefined && each.length > 1) {
      const members = each.map(({ name }) => name);
      const file = { ...fileOf(id, members, facts), bytes: await bytesOf(id) };
      styles.push({ from: "learned", id, picture: file, members });
    }
    return styles;
  }

  /** The learned style, or the first of those that were learned together, becomes the style, alone. */
  async function take(finished: Learning): Promise<void> {
    try {
      const { learned: facts, request } = finished;
      // What was in the file before comes first in it.
      const before = Math.max(0, (facts?.styles?.length ?? 1) - 1 - (request.others?.length ?? 0));
      const first = (await fetchLearned(finished))[before] ?? null;
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
      show(await (await school()).change(current.id, { action }));
    } catch (cause) {
      error.value = toErrorBody(cause);
    }
  }

  function forget(): void {
    clearTimeout(timer);
    together(() => {
      learning.value = null;
      preview.value = null;
      shown = 0;
    });
  }

  const busy = computed(() => reading.value !== null || (learning.value !== null && isGoingOn(learning.value)));

  return {
    minutes,
    own,
    into,
    files,
    learning,
    preview,
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
      forget();
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
      if (open !== undefined && !busy.value) show(open);
    },

    learned,
    /** For the sheet of styles; none without a companion. */
    async loadLearned(): Promise<void> {
      const found = await (await engine()).school?.list().catch(() => []);
      const finished = (found ?? []).filter(({ state }) => state === "finished").slice(0, MOST_OFFERED);
      files.value = finished.flatMap(({ id, request, learned: facts }) => {
        if (facts === null) return [];
        const names = facts.styles?.map(({ name }) => name) ?? [request.style.name ?? ""];
        return names.length < MAX_LEARNED_STYLES ? [fileOf(id, names, facts)] : [];
      });
      if (!files.value.some(({ id }) => id === into.value?.id)) into.value = null;
      const styles = await Promise.all(finished.map((one) => fetchLearned(one).catch(() => [])));
      learned.value = styles.flat().slice(0, MOST_OFFERED);
    },

    stop(): void {
      clearTimeout(timer);
    },
  };
}

/** What the companion keeps of one learning. */
export interface LearnedFile {
  id: string;
  name: string;
  /** Of its picture, px. */
  width: number;
  height: number;
}

function fileOf(id: string, names: readonly string[], { width, height }: Learned): LearnedFile {
  return { id, name: names.join(" + "), width, height };
}

function isGoingOn({ state }: Learning): boolean {
  return state === "running" || state === "paused";
}
