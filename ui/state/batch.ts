// Styles over many frames. The queue lives in the engine; the panel keeps which layer each frame came from,
// so that a batch that outlived the panel can be found again and its results inserted.

import { computed, signal, batch as together } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import type { BatchListeners, BatchRunState, EngineBatch, EngineBatchRequest } from "../engines/style-engine.ts";
import type { Host, SourcePicture } from "../host.ts";
import { leastEven, placesOf } from "./batch-cells.ts";
import { type BatchChoiceParts, createBatchChoice } from "./batch-choice.ts";
import { insertFrames } from "./batch-insert.ts";
import type { PaintedPicture } from "./history.ts";
import { type BatchRow, createBatchRows } from "./batch-rows.ts";
import { type BatchMaking, type BatchTarget, forgetBatch, loadBatch, saveBatch } from "./stored-batch.ts";
import { styleKey } from "./stored-styles.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide, type WorkParts } from "./work-parts.ts";

export type BatchPhase = "choosing" | "starting" | BatchRunState;

const AMONG_ORIGINALS: BatchTarget = { onNewPage: false, page: null };

export type BatchModel = ReturnType<typeof createBatch>;

interface BatchParts extends WorkParts, BatchChoiceParts {
  /** Called with what was put into the document together. */
  onInserted(...painted: readonly PaintedPicture[]): void;
}

export function createBatch(parts: BatchParts) {
  const { host, styles, engine } = parts;
  const list = createBatchRows(host);
  const { rows } = list;
  const phase = signal<BatchPhase>("choosing");
  const error = signal<ErrorBody | null>(null);
  const isOpen = (): boolean => phase.value === "choosing";
  const choice = createBatchChoice(parts, { list, error, isOpen });
  const secondsLeft = signal<number | null>(null);
  const inserting = signal(false);
  /** "New batch" was pressed while results wait to be inserted: pressed again, they are left behind. */
  const leaving = signal(false);
  const making = signal<BatchMaking | null>(null);
  const target = signal<BatchTarget>(AMONG_ORIGINALS);
  let running: EngineBatch | null = null;
  /** While frames are read and sent: the way to give up. */
  let starting: AbortController | null = null;

  const listeners: BatchListeners = {
    onFrame: ({ index, state, ...told }) =>
      list.change(index, { status: state, notes: [], styleDistance: null, ...told }),
    onState(state, left) {
      together(() => {
        phase.value = state;
        secondsLeft.value = left;
      });
    },
  };

  async function store(): Promise<void> {
    if (running?.id == null || making.value === null) return;
    const frames = rows.value.map(({ id, name, width, height, style, styleName, strength, inserted, layerId }) => ({
      ...{ id, name, width, height, style, styleName, strength, inserted, layerId },
    }));
    await saveBatch(host, { id: running.id, ...making.value, target: target.value, frames });
  }

  async function start(): Promise<void> {
    const chosen = choice.styles.value;
    const cells = choice.cells();
    if (!isOpen() || chosen.length === 0 || cells.length === 0) return;
    const settings = choice.paintedWith.settings.value;
    const abort = new AbortController();
    const { signal } = abort;
    starting = abort;
    together(() => {
      phase.value = "starting";
      error.value = null;
      making.value = { styles: chosen.map(({ layerId, name }) => ({ id: layerId, name, key: null })), settings };
      list.show(cells.map((row) => ({ ...row, status: "reading", fraction: 0, error: null, inserted: false })));
    });
    const animation = choice.asAnimation.value ? { animation: true as const } : {};
    try {
      const pictures: SourcePicture[] = [];
      const made: BatchMaking["styles"][number][] = [];
      for (const { layerId, name, read } of chosen) {
        const picture = (await read?.({ maxSide: readSide(settings) })) ?? null;
        if (picture !== null) pictures.push(picture);
        made.push({ id: layerId, name, key: picture === null ? null : styleKey(picture) });
      }
      for (const picture of pictures) void styles.remember(picture);
      making.value = { styles: made, settings };
      const request = { ...requestOf(host, pictures, cells, settings), ...animation };
      const name = made.map((style) => style.name).join(", ");
      running = await (await engine()).startBatch({ ...request, name }, { ...listeners, signal });
      if (signal.aborted) running.cancel();
      await store();
    } catch (cause) {
      running = null;
      together(() => {
        error.value = signal.aborted ? null : toErrorBody(cause);
        phase.value = "choosing";
        list.changeAll({ status: "listed" });
      });
    } finally {
      starting = null;
    }
  }

  /** Finds the batch that was left when the panel was closed. Returns whether there is one. */
  async function recover(): Promise<boolean> {
    const stored = await loadBatch(host);
    if (stored === null || !isOpen()) return false;
    const { id, frames, target: chosenTarget, ...madeWith } = stored;
    const rowsBefore = rows.value;
    // Nothing else may begin with these rows while the engine is asked.
    together(() => {
      phase.value = "starting";
      making.value = madeWith;
      target.value = chosenTarget;
      list.show(frames.map((frame) => ({ ...frame, status: "queued" })));
    });
    try {
      running = await (await engine()).attachBatch(id, listeners);
      if (running === null) await forgetBatch(host);
    } catch {
      // The companion went away again: the next time it is there the batch is looked for once more.
    }
    if (running === null) {
      together(() => {
        phase.value = "choosing";
        target.value = AMONG_ORIGINALS;
        rows.value = rowsBefore;
      });
      return false;
    }
    // Unless the engine has told its state by now.
    if (phase.peek() === "starting") phase.value = "running";
    void list.fetchThumbnails();
    return true;
  }

  const finished = computed(() => rows.value.filter((row) => row.status === "done").length);
  const insertable = computed(() => rows.value.filter((row) => row.status === "done" && !row.inserted).length);

  /** Inserts what is done and not inserted yet; one undo step. */
  async function insertFinished(): Promise<void> {
    if (running === null || making.value === null || inserting.value) return;
    together(() => {
      inserting.value = true;
      leaving.value = false;
      error.value = null;
    });
    try {
      const done = await insertFrames(host, running, list, making.value, target.value);
      const { failure, target: reached } = done;
      parts.onInserted(...done.inserted);
      error.value = failure;
      target.value = reached;
      const left = rows.value.some((row) => !row.inserted && row.status !== "skipped" && row.status !== "cancelled");
      if (left) await store();
      else await forgetBatch(host);
    } catch (cause) {
      error.value = toErrorBody(cause);
    } finally {
      inserting.value = false;
    }
  }

  return {
    scope: choice.scope,
    way: choice.way,
    asAnimation: choice.asAnimation,
    results: choice.results,
    usable: choice.usable,
    /** So many results are painted quick, unless `wantsQuick` says otherwise. */
    isMany: choice.paintedWith.isMany,
    wantsQuick: choice.paintedWith.wantsQuick,
    list: choice.list,
    listKnown: choice.listKnown,
    setAnimation: choice.setAnimation,
    chooseStyle: choice.chooseStyle,
    remove: choice.remove,

    rows,
    phase,
    secondsLeft,
    error,
    inserting,
    leaving,
    finished,
    insertable,
    /** Names of the styles that it paints in, or would. */
    styleNames: computed(() => (isOpen() ? choice.styles.value : (making.value?.styles ?? [])).map(({ name }) => name)),
    /** Of the style that is carried least evenly over the results that are done; null until three are. */
    evenness: computed(() => leastEven(rows.value, making.value?.styles ?? [])),
    /** What "Apply" would paint with, and then what is painted with. */
    settings: computed<Settings>(() =>
      isOpen() ? choice.paintedWith.settings.value : { ...DEFAULT_SETTINGS, ...making.value?.settings },
    ),
    active: computed(() => !["choosing", "done", "cancelled"].includes(phase.value)),

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
    /** A result again, at a strength of its own; the others stay as they are. */
    async repaint(index: number, strength: number): Promise<void> {
      if (running === null) return;
      list.change(index, { strength, inserted: false });
      running.repaint([index], strength);
      await store();
    },
    /** Frames in several styles come as rows and columns. */
    isSheet: computed(() => placesOf(rows.value, making.value?.styles.length ?? 0) !== null),
    /** Whether results go onto a page of their own; where a host has no pages they do not. */
    onNewPage: computed(() => target.value.onNewPage),
    async setOnNewPage(wanted: boolean): Promise<void> {
      target.value = { ...target.value, onNewPage: wanted };
      await store();
    },

    /** Leaves a batch that is over: a new one can be chosen. Asked twice while results wait to be inserted. */
    async close(): Promise<void> {
      if (insertable.value > 0 && !leaving.value) {
        leaving.value = true;
        return;
      }
      running?.detach();
      running = null;
      await forgetBatch(host).catch(() => undefined);
      together(() => {
        phase.value = "choosing";
        leaving.value = false;
        secondsLeft.value = null;
        error.value = null;
        target.value = AMONG_ORIGINALS;
        rows.value = [];
      });
      // The studio would ask for a folder again.
      if (choice.scope.value !== "folder") await choice.list();
    },
  };
}

function requestOf(
  host: Host,
  styles: readonly SourcePicture[],
  cells: readonly BatchRow[],
  settings: Settings,
): Pick<EngineBatchRequest, "styles" | "settings" | "contents"> {
  const maxSide = readSide(settings);
  return {
    styles: styles.map((picture) => ({ picture, weight: 1 })),
    settings,
    contents: cells.map(({ id, name, style }) => ({
      ...{ id, name },
      ...(style !== null && { style }),
      read: () => host.readPicture(id, { maxSide }),
    })),
  };
}
