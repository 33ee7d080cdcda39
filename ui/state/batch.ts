// One style over many frames. The queue lives in the engine; the panel keeps which layer each frame came from,
// so that a batch that outlived the panel can be found again and its results inserted.

import { computed, signal, batch as together } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import { parsePartialSettings, type Settings } from "../../companion/protocol/settings.ts";
import type { BatchFrameStatus, BatchListeners, BatchRunState, EngineBatch } from "../engines/style-engine.ts";
import type { FrameScope, Insertion, Layer, LayerRecipe } from "../host.ts";
import { styleKey } from "./stored-styles.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide, type WorkParts } from "./work-parts.ts";

const KEY = "impasto.batch.v1";
const THUMBNAIL_PX = 56;
/** Thumbnails of longer lists would fill the messages; the rows then show the name alone. */
const MAX_THUMBNAILS = 60;

export interface BatchRow {
  id: string;
  name: string;
  width: number;
  height: number;
  problem: string | null;
  thumbnail: Uint8Array | null;
  status: BatchFrameStatus["state"] | "listed";
  fraction: number;
  error: ErrorBody | null;
  inserted: boolean;
}

/** What a batch paints with; its results' recipes say so. */
interface BatchStyle {
  styleId: string | null;
  styleName: string;
  styleKey: string | null;
  settings: Partial<Settings>;
}

/** What stands in the host's storage while results wait to be inserted. */
interface StoredBatch extends BatchStyle {
  id: string;
  frames: { id: string; name: string; width: number; height: number; inserted: boolean }[];
}

export type BatchPhase = "choosing" | "starting" | BatchRunState;

export type BatchModel = ReturnType<typeof createBatch>;

export function createBatch({ host, inputs, preferences, styles, engine }: WorkParts) {
  const scope = signal<FrameScope>(host.capabilities.scopes[0] ?? "selection");
  const rows = signal<readonly BatchRow[]>([]);
  const phase = signal<BatchPhase>("choosing");
  const secondsLeft = signal<number | null>(null);
  const error = signal<ErrorBody | null>(null);
  const inserting = signal(false);
  /** "New batch" was pressed while results wait to be inserted: pressed again, they are left behind. */
  const leaving = signal(false);
  const style = signal<BatchStyle | null>(null);
  let running: EngineBatch | null = null;
  /** While frames are read and sent: the way to give up. */
  let starting: AbortController | null = null;
  /** Counts lists, so that thumbnails of an older one are not fetched any more. */
  let lists = 0;

  const listeners: BatchListeners = {
    onFrame: ({ index, state, fraction, error }) => changeRow(index, { status: state, fraction, error }),
    onState(state, left) {
      together(() => {
        phase.value = state;
        secondsLeft.value = left;
      });
    },
  };

  function changeRow(index: number, change: Partial<BatchRow>): void {
    rows.value = rows.value.map((row, at) => (at === index ? { ...row, ...change } : row));
  }

  function listRows(layers: readonly Layer[]): void {
    const known = new Map(rows.value.map((row) => [row.id, row.thumbnail]));
    rows.value = layers.map(({ id, name, width, height, problem }) => ({
      id,
      name,
      width,
      height,
      problem,
      thumbnail: known.get(id) ?? null,
      status: "listed",
      fraction: 0,
      error: null,
      inserted: false,
    }));
    void fetchThumbnails();
  }

  async function fetchThumbnails(): Promise<void> {
    lists += 1;
    const mine = lists;
    for (const { id, thumbnail } of rows.value.slice(0, MAX_THUMBNAILS)) {
      if (thumbnail !== null) continue;
      if (mine !== lists) return;
      const bytes = await host.thumbnail(id, THUMBNAIL_PX).catch(() => null);
      if (bytes !== null) rows.value = rows.value.map((row) => (row.id === id ? { ...row, thumbnail: bytes } : row));
    }
  }

  /** Lists the frames of a scope anew. */
  async function list(next: FrameScope = scope.value): Promise<void> {
    if (phase.value !== "choosing") return;
    scope.value = next;
    error.value = null;
    const layers = await host.listFrames(next).catch((cause) => {
      error.value = toErrorBody(cause);
      return [];
    });
    // Meanwhile another scope was chosen, or a batch began with the rows as they were.
    if (scope.value !== next || phase.value !== "choosing") return;
    const styleId = inputs.style.value?.layerId;
    listRows(layers.filter(({ id }) => id !== styleId));
  }

  async function store(): Promise<void> {
    if (running?.id == null || style.value === null) return;
    const frames = rows.value.map(({ id, name, width, height, inserted }) => ({ id, name, width, height, inserted }));
    const value: StoredBatch = { id: running.id, ...style.value, frames };
    await host.save(KEY, value).catch(() => undefined);
  }

  async function start(): Promise<void> {
    const chosen = inputs.style.value;
    const frames = rows.value.filter((row) => row.problem === null);
    if (phase.value !== "choosing" || chosen === null || frames.length === 0) return;
    const { settings } = preferences.value.value;
    const { name, layerId } = chosen;
    const side = readSide(settings);
    const abort = new AbortController();
    const { signal } = abort;
    starting = abort;
    together(() => {
      phase.value = "starting";
      error.value = null;
      style.value = { styleId: layerId, styleName: name, styleKey: null, settings };
      rows.value = frames.map((row) => ({ ...row, status: "reading", fraction: 0, error: null, inserted: false }));
    });
    try {
      const picture = await chosen.read(side);
      void styles.remember(picture);
      style.value = { styleId: layerId, styleName: name, styleKey: styleKey(picture), settings };
      const contents = frames.map((row) => ({
        id: row.id,
        name: row.name,
        read: () => host.readPicture(row.id, { maxSide: side }),
      }));
      const request = { name, styles: [{ picture, weight: 1 }], settings, contents };
      running = await (await engine()).startBatch(request, { ...listeners, signal });
      if (signal.aborted) running.cancel();
      await store();
    } catch (cause) {
      running = null;
      together(() => {
        error.value = signal.aborted ? null : toErrorBody(cause);
        phase.value = "choosing";
        rows.value = rows.value.map((row) => ({ ...row, status: "listed" }));
      });
    } finally {
      starting = null;
    }
  }

  /** Finds the batch that was left when the panel was closed. Returns whether there is one. */
  async function recover(): Promise<boolean> {
    const stored = parseStored(await host.load(KEY).catch(() => undefined));
    if (stored === null || phase.value !== "choosing") return false;
    const { id, frames, ...paintedWith } = stored;
    const rowsBefore = rows.value;
    // Nothing else may begin with these rows while the engine is asked.
    together(() => {
      phase.value = "starting";
      style.value = paintedWith;
      rows.value = frames.map((frame) => ({
        ...frame,
        problem: null,
        thumbnail: null,
        status: "queued",
        fraction: 0,
        error: null,
      }));
    });
    try {
      running = await (await engine()).attachBatch(id, listeners);
      if (running === null) await host.save(KEY, undefined);
    } catch {
      // The companion went away again: the next time it is there the batch is looked for once more.
    }
    if (running === null) {
      together(() => {
        phase.value = "choosing";
        rows.value = rowsBefore;
      });
      return false;
    }
    // Unless the engine has told its state by now.
    if (phase.peek() === "starting") phase.value = "running";
    void fetchThumbnails();
    return true;
  }

  const finished = computed(() => rows.value.filter((row) => row.status === "done").length);
  const insertable = computed(() => rows.value.filter((row) => row.status === "done" && !row.inserted).length);

  /** Inserts what is done and not inserted yet; one undo step. */
  async function insertFinished(): Promise<void> {
    if (running === null || style.value === null || inserting.value) return;
    const { styleId, styleName, styleKey: key, settings } = style.value;
    together(() => {
      inserting.value = true;
      leaving.value = false;
      error.value = null;
    });
    try {
      const insertions: Insertion[] = [];
      const indexes: number[] = [];
      for (const [index, row] of rows.value.entries()) {
        if (row.status !== "done" || row.inserted) continue;
        const { bytes, width, height } = await running.result(index);
        const recipe: LayerRecipe = {
          version: 1,
          contentId: row.id,
          contentName: row.name,
          styleId,
          styleName,
          styleKey: key,
          settings,
        };
        insertions.push({ contentId: row.id, name: `${row.name} / ${styleName}`, bytes, width, height, recipe });
        indexes.push(index);
      }
      const made = await host.insert(insertions);
      together(() => {
        for (const [at, outcome] of made.entries()) {
          const failed = "error" in outcome;
          if (failed) error.value ??= outcome.error;
          changeRow(indexes[at] as number, { inserted: !failed, error: failed ? outcome.error : null });
        }
      });
      const left = rows.value.some((row) => !row.inserted && row.status !== "skipped" && row.status !== "cancelled");
      if (left) await store();
      else await host.save(KEY, undefined);
    } catch (cause) {
      error.value = toErrorBody(cause);
    } finally {
      inserting.value = false;
    }
  }

  return {
    scope,
    rows,
    phase,
    secondsLeft,
    error,
    inserting,
    leaving,
    styleName: computed(() => style.value?.styleName ?? ""),
    finished,
    insertable,
    /** Frames that can be read; what "Apply" would take. */
    usable: computed(() => rows.value.filter((row) => row.problem === null).length),
    active: computed(() => !["choosing", "done", "cancelled"].includes(phase.value)),

    list,
    start,
    recover,
    insertFinished,

    pauseOrResume(): void {
      if (phase.value === "paused") running?.resume();
      else running?.pause();
    },
    cancel(): void {
      starting?.abort();
      running?.cancel();
    },
    retry(index: number): void {
      running?.retry([index]);
    },
    skip(index: number): void {
      running?.skip([index]);
    },
    /** Takes a row off the list before the batch starts. */
    remove(index: number): void {
      if (phase.value === "choosing") rows.value = rows.value.filter((_, at) => at !== index);
    },

    /** Leaves a batch that is over: a new one can be chosen. Asked twice while results wait to be inserted. */
    async close(): Promise<void> {
      if (insertable.value > 0 && !leaving.value) {
        leaving.value = true;
        return;
      }
      running?.detach();
      running = null;
      await host.save(KEY, undefined).catch(() => undefined);
      together(() => {
        phase.value = "choosing";
        leaving.value = false;
        secondsLeft.value = null;
        error.value = null;
        rows.value = [];
      });
      // The studio would ask for a folder again.
      if (scope.value !== "folder") await list();
    },
  };
}

/** Null for anything that this version did not write. */
function parseStored(value: unknown): StoredBatch | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, styleId, styleName, styleKey: key, settings, frames } = value as Record<string, unknown>;
  if (typeof id !== "string" || typeof styleName !== "string" || !Array.isArray(frames)) return null;
  const parsed = frames.map(parseFrame);
  if (!parsed.every((frame) => frame !== null)) return null;
  return {
    id,
    styleId: typeof styleId === "string" ? styleId : null,
    styleName,
    styleKey: typeof key === "string" ? key : null,
    settings: parseSettings(settings),
    frames: parsed,
  };
}

function parseSettings(value: unknown): Partial<Settings> {
  try {
    return parsePartialSettings(value);
  } catch {
    return {};
  }
}

function parseFrame(value: unknown): StoredBatch["frames"][number] | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, name, width, height, inserted } = value as Record<string, unknown>;
  if (typeof id !== "string" || typeof name !== "string") return null;
  if (typeof width !== "number" || typeof height !== "number") return null;
  return { id, name, width, height, inserted: inserted === true };
}
