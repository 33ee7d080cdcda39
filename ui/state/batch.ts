// Styles over many frames: what is chosen, what an engine paints of it, and what becomes of the results.

import { computed, signal, batch as together } from "@preact/signals-core";
import { DEFAULT_SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import { leastEven, placesOf } from "./batch-cells.ts";
import { type BatchChoiceParts, createBatchChoice } from "./batch-choice.ts";
import { insertFrames, recipeOf } from "./batch-insert.ts";
import { createBatchRows } from "./batch-rows.ts";
import { createBatchWork } from "./batch-work.ts";
import { newOwnId, type PaintedPicture } from "./history.ts";
import { forgetBatch } from "./stored-batch.ts";
import { toErrorBody } from "./to-error-body.ts";
import type { WorkParts } from "./work-parts.ts";

export type BatchModel = ReturnType<typeof createBatch>;

interface BatchParts extends WorkParts, BatchChoiceParts {
  /** Called with what was put into the document together, and with each result that no engine keeps. */
  onPainted(...painted: readonly PaintedPicture[]): void;
}

export function createBatch(parts: BatchParts) {
  const { host } = parts;
  const list = createBatchRows(host);
  const { rows } = list;
  const work = createBatchWork(parts, list, (index) => void keepOwn(index).catch(() => undefined));
  const { phase, error, making, target } = work;
  const isOpen = (): boolean => phase.value === "choosing";
  const choice = createBatchChoice(parts, { list, error, isOpen });
  const inserting = signal(false);
  /** "New batch" was pressed while results wait to be inserted: pressed again, they are left behind. */
  const leaving = signal(false);
  /** Keeps together what no engine keeps. */
  let ownGroup = newOwnId();
  const insertable = computed(() => rows.value.filter((row) => row.status === "done" && !row.inserted).length);

  /** What no engine keeps is remembered at once: it would go with the panel. */
  async function keepOwn(index: number): Promise<void> {
    const running = work.running();
    const row = rows.value[index];
    if (running === null || running.id !== null || making.value === null || row === undefined) return;
    const id = `${ownGroup}-${index}`;
    const recipe = recipeOf(row, making.value);
    const { bytes, width, height } = await running.result(index);
    parts.onPainted({ id, group: ownGroup, bytes, width, height, recipe });
  }

  async function insertFinished(): Promise<void> {
    const running = work.running();
    if (running === null || making.value === null || inserting.value) return;
    together(() => {
      inserting.value = true;
      leaving.value = false;
      error.value = null;
    });
    try {
      const done = await insertFrames(host, running, list, making.value, target.value);
      if (running.id !== null) parts.onPainted(...done.inserted);
      error.value = done.failure;
      target.value = done.target;
      const left = rows.value.some((row) => !row.inserted && row.status !== "skipped" && row.status !== "cancelled");
      if (left) await work.store();
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
    secondsLeft: work.secondsLeft,
    error,
    inserting,
    leaving,
    finished: computed(() => rows.value.filter((row) => row.status === "done").length),
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

    async start(): Promise<void> {
      const styles = choice.styles.value;
      const cells = choice.cells();
      if (!isOpen() || styles.length === 0 || cells.length === 0) return;
      const settings = choice.paintedWith.settings.value;
      ownGroup = newOwnId();
      await work.start({ styles, cells, settings, asAnimation: choice.asAnimation.value });
    },
    recover: work.recover,
    /** Inserts what is done and not inserted yet; one undo step. */
    insertFinished,

    pauseOrResume(): void {
      if (phase.value === "paused") work.running()?.resume();
      else work.running()?.pause();
    },
    cancel: work.cancel,
    retry: (index: number): void => work.running()?.retry([index]),
    skip: (index: number): void => work.running()?.skip([index]),
    /** A result again, at a strength of its own; the others stay as they are. */
    async repaint(index: number, strength: number): Promise<void> {
      const running = work.running();
      if (running === null) return;
      list.change(index, { strength, inserted: false });
      running.repaint([index], strength);
      await work.store();
    },
    /** Frames in several styles come as rows and columns. */
    isSheet: computed(() => placesOf(rows.value, making.value?.styles.length ?? 0) !== null),
    /** Whether results go onto a page of their own; where a host has no pages they do not. */
    onNewPage: computed(() => target.value.onNewPage),
    async setOnNewPage(wanted: boolean): Promise<void> {
      target.value = { ...target.value, onNewPage: wanted };
      await work.store();
    },

    /** Leaves a batch that is over: a new one can be chosen. Asked twice while results wait to be inserted. */
    async close(): Promise<void> {
      if (insertable.value > 0 && !leaving.value) {
        leaving.value = true;
        return;
      }
      await work.leave();
      leaving.value = false;
      // The studio would ask for a folder again.
      if (choice.scope.value !== "folder") await choice.list();
    },
  };
}
