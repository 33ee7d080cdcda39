// One style over many frames. The queue lives in the engine; the panel keeps which layer each frame came from,
// so that a batch that outlived the panel can be found again and its results inserted.

import { batch as together, computed, signal } from "@preact/signals-core";
import { type ErrorBody, ImpastoError } from "../../companion/protocol/errors.ts";
import type {
  BatchFrameStatus,
  BatchListeners,
  BatchRunState,
  EngineBatch,
  StyleEngine,
} from "../engines/style-engine.ts";
import type { FrameScope, Host, Insertion, Layer, LayerRecipe } from "../host.ts";
import type { Inputs } from "./inputs.ts";
import type { PreferenceStore } from "./preferences.ts";
import { readSide } from "./run.ts";
import { styleKey as keyOfStyle, type StoredStyles } from "./stored-styles.ts";
import { toErrorBody } from "./to-error-body.ts";

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

/** What stands in the host's storage while results wait to be inserted. */
interface StoredBatch {
  id: string;
  styleName: string;
  styleKey: string | null;
  frames: { id: string; name: string; width: number; height: number; inserted: boolean }[];
}

export type BatchPhase = "choosing" | "starting" | BatchRunState;

export interface BatchDependencies {
  host: Host;
  inputs: Inputs;
  preferences: PreferenceStore;
  styles: StoredStyles;
  engine(): Promise<StyleEngine>;
}

export type BatchModel = ReturnType<typeof createBatch>;

export function createBatch({ host, inputs, preferences, styles, engine }: BatchDependencies) {
  const scope = signal<FrameScope>(host.capabilities.scopes[0] ?? "selection");
  const rows = signal<readonly BatchRow[]>([]);
  const phase = signal<BatchPhase>("choosing");
  const secondsLeft = signal<number | null>(null);
  const error = signal<ErrorBody | null>(null);
  const inserting = signal(false);
  const styleName = signal("");
  let styleKey: string | null = null;
  let running: EngineBatch | null = null;

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
    for (const { id, thumbnail } of rows.value.slice(0, MAX_THUMBNAILS)) {
      if (thumbnail !== null) continue;
      const bytes = await host.thumbnail(id, THUMBNAIL_PX).catch(() => null);
      if (bytes !== null) rows.value = rows.value.map((row) => (row.id === id ? { ...row, thumbnail: bytes } : row));
    }
  }

  /** Lists the frames of a scope anew. */
  async function list(next: FrameScope = scope.value): Promise<void> {
    if (phase.value !== "choosing") return;
    scope.value = next;
    const layers = await host.listFrames(next).catch((cause) => {
      error.value = toErrorBody(cause);
      return [];
    });
    const style = inputs.style.value?.id;
    if (scope.value === next) listRows(layers.filter(({ id }) => id !== style));
  }

  async function store(): Promise<void> {
    if (running?.id == null) return;
    const frames = rows.value.map(({ id, name, width, height, inserted }) => ({ id, name, width, height, inserted }));
    const value: StoredBatch = { id: running.id, styleName: styleName.value, styleKey, frames };
    await host.save(KEY, value).catch(() => undefined);
  }

  async function start(): Promise<void> {
    const style = inputs.style.value;
    const frames = rows.value.filter((row) => row.problem === null);
    if (style === null || frames.length === 0) return;
    const { settings } = preferences.value.value;
    const side = readSide(settings);
    together(() => {
      phase.value = "starting";
      error.value = null;
      styleName.value = style.name;
      rows.value = frames.map((row) => ({ ...row, status: "reading", fraction: 0, error: null, inserted: false }));
    });
    try {
      const picture = await style.read(side);
      void styles.remember(picture);
      styleKey = keyOfStyle(picture);
      running = await (await engine()).startBatch(
        {
          name: style.name,
          styles: [{ picture, weight: 1 }],
          settings,
          contents: frames.map(({ id, name }) => ({ id, name, read: () => host.readPicture(id, { maxSide: side }) })),
        },
        listeners,
      );
      await store();
    } catch (cause) {
      running = null;
      together(() => {
        error.value = toErrorBody(cause);
        phase.value = "choosing";
        rows.value = rows.value.map((row) => ({ ...row, status: "listed" }));
      });
    }
  }

  /** Finds the batch that was left when the panel was closed. Returns whether there is one. */
  async function recover(): Promise<boolean> {
    if (phase.value !== "choosing") return false;
    const stored = parseStored(await host.load(KEY).catch(() => undefined));
    if (stored === null) return false;
    const rowsBefore = rows.value;
    rows.value = stored.frames.map((frame) => ({
      ...frame,
      problem: null,
      thumbnail: null,
      status: "queued",
      fraction: 0,
      error: null,
    }));
    styleName.value = stored.styleName;
    styleKey = stored.styleKey;
    running = await (await engine()).attachBatch(stored.id, listeners);
    if (running === null) {
      rows.value = rowsBefore;
      await host.save(KEY, undefined);
      return false;
    }
    if (phase.value === "choosing") phase.value = "running";
    void fetchThumbnails();
    return true;
  }

  const finished = computed(() => rows.value.filter((row) => row.status === "done").length);
  const insertable = computed(() => rows.value.filter((row) => row.status === "done" && !row.inserted).length);

  /** Inserts what is done and not inserted yet; one undo step. */
  async function insertFinished(): Promise<void> {
    if (running === null || inserting.value) return;
    inserting.value = true;
    try {
      const insertions: Insertion[] = [];
      const indexes: number[] = [];
      for (const [index, row] of rows.value.entries()) {
        if (row.status !== "done" || row.inserted) continue;
        const { bytes, width, height } = await running.result(index);
        const name = `${row.name} / ${styleName.value}`;
        insertions.push({ contentId: row.id, name, bytes, width, height, recipe: recipeOf(row) });
        indexes.push(index);
      }
      await host.insert(insertions);
      rows.value = rows.value.map((row, index) => (indexes.includes(index) ? { ...row, inserted: true } : row));
      const left = rows.value.some((row) => !row.inserted && row.status !== "skipped" && row.status !== "cancelled");
      if (left) await store();
      else await host.save(KEY, undefined);
    } catch (cause) {
      error.value = toErrorBody(cause);
    } finally {
      inserting.value = false;
    }
  }

  function recipeOf(row: BatchRow): LayerRecipe {
    const { settings } = preferences.value.value;
    return {
      version: 1,
      contentId: row.id,
      contentName: row.name,
      styleId: null,
      styleName: styleName.value,
      styleKey,
      settings,
    };
  }

  return {
    scope,
    rows,
    phase,
    secondsLeft,
    error,
    inserting,
    styleName,
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
    cancel: () => running?.cancel(),
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

    /** Leaves a batch that is over: a new one can be chosen. */
    async close(): Promise<void> {
      running?.detach();
      running = null;
      await host.save(KEY, undefined).catch(() => undefined);
      together(() => {
        phase.value = "choosing";
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
  const { id, styleName, styleKey, frames } = value as Record<string, unknown>;
  if (typeof id !== "string" || typeof styleName !== "string" || !Array.isArray(frames)) return null;
  const parsed = frames.map(parseFrame);
  if (parsed.some((frame) => frame === null)) return null;
  const key = typeof styleKey === "string" ? styleKey : null;
  return { id, styleName, styleKey: key, frames: parsed as StoredBatch["frames"] };
}

function parseFrame(value: unknown): StoredBatch["frames"][number] | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, name, width, height, inserted } = value as Record<string, unknown>;
  if (typeof id !== "string" || typeof name !== "string") return null;
  if (typeof width !== "number" || typeof height !== "number") return null;
  return { id, name, width, height, inserted: inserted === true };
}

/** Thrown where a batch is asked for something it does not have yet. */
export function notReady(): ImpastoError {
  return new ImpastoError("not-found", "This frame is not ready yet.");
}
