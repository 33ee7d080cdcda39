// Styles over many frames. The queue lives in the engine; the panel keeps which layer each frame came from,
// so that a batch that outlived the panel can be found again and its results inserted.

import { computed, signal, batch as together } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import type { BatchListeners, BatchRunState, EngineBatch } from "../engines/style-engine.ts";
import type { FrameScope, SourcePicture } from "../host.ts";
import { consistencyOf } from "../../companion/protocol/consistency.ts";
import { type BatchWay, cellsOf } from "./batch-cells.ts";
import { insertFrames } from "./batch-insert.ts";
import { createBatchRows } from "./batch-rows.ts";
import { type BatchSettingsParts, createBatchSettings } from "./batch-settings.ts";
import type { EngineChoice } from "./engine-choice.ts";
import { type BatchMaking, forgetBatch, loadBatch, saveBatch } from "./stored-batch.ts";
import { styleKey } from "./stored-styles.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide, type WorkParts } from "./work-parts.ts";

export type BatchPhase = "choosing" | "starting" | BatchRunState;

export type BatchModel = ReturnType<typeof createBatch>;

type BatchParts = WorkParts & BatchSettingsParts & Pick<EngineChoice, "engineKind">;

export function createBatch(parts: BatchParts) {
  const { host, inputs, styles, engine, engineKind } = parts;
  const scope = signal<FrameScope>(host.capabilities.scopes[0] ?? "selection");
  const list = createBatchRows(host);
  const { rows } = list;
  const phase = signal<BatchPhase>("choosing");
  /** The frames are one animation, in the order of their names. */
  const wantsAnimation = signal(false);
  /** The panel's own engine paints each frame by itself. */
  const asAnimation = computed(() => wantsAnimation.value && engineKind.value === "companion");
  /** Frames that can be read; what "Apply" would take. */
  const usable = computed(() => rows.value.filter((row) => row.problem === null).length);
  const way = signal<BatchWay>("each");
  const chosenStyles = computed(() => inputs.styles.value.slice(0, asAnimation.value ? 1 : undefined));
  const results = computed(() => usable.value * (way.value === "each" ? Math.max(1, chosenStyles.value.length) : 1));
  const paintedWith = createBatchSettings(parts, asAnimation, results);
  const secondsLeft = signal<number | null>(null);
  const error = signal<ErrorBody | null>(null);
  const inserting = signal(false);
  /** "New batch" was pressed while results wait to be inserted: pressed again, they are left behind. */
  const leaving = signal(false);
  const making = signal<BatchMaking | null>(null);
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

  /** Lists the frames of a scope anew. */
  async function listScope(next: FrameScope = scope.value): Promise<void> {
    if (phase.value !== "choosing") return;
    scope.value = next;
    error.value = null;
    const layers = await host.listFrames(next).catch((cause) => {
      error.value = toErrorBody(cause);
      return [];
    });
    // Meanwhile another scope was chosen, or a batch began with the rows as they were.
    if (scope.value !== next || phase.value !== "choosing") return;
    const styleIds = inputs.styles.value.map(({ layerId }) => layerId);
    const ordered = asAnimation.value ? layers.toSorted(byName) : layers;
    const known = new Map(rows.value.map((row) => [row.id, row.thumbnail]));
    const frames = ordered.filter(({ id }) => !styleIds.includes(id));
    list.show(
      frames.map(({ id, name, width, height, problem }) => ({
        id,
        name,
        width,
        height,
        problem,
        thumbnail: known.get(id) ?? null,
      })),
    );
    void list.fetchThumbnails();
  }

  async function store(): Promise<void> {
    if (running?.id == null || making.value === null) return;
    const frames = rows.value.map(({ id, name, width, height, style, styleName, strength, inserted, layerId }) => ({
      ...{ id, name, width, height, style, styleName, strength, inserted, layerId },
    }));
    await saveBatch(host, { id: running.id, ...making.value, frames });
  }

  async function start(): Promise<void> {
    const chosen = chosenStyles.value;
    const frames = cellsOf(
      rows.value.filter((row) => row.problem === null),
      chosen,
      way.value,
    );
    if (phase.value !== "choosing" || chosen.length === 0 || frames.length === 0) return;
    const settings = paintedWith.settings.value;
    const side = readSide(settings);
    const abort = new AbortController();
    const { signal } = abort;
    starting = abort;
    together(() => {
      phase.value = "starting";
      error.value = null;
      making.value = { styles: chosen.map(({ layerId, name }) => ({ id: layerId, name, key: null })), settings };
      list.show(frames.map((row) => ({ ...row, status: "reading", fraction: 0, error: null, inserted: false })));
    });
    const animation = asAnimation.value ? { animation: true as const } : {};
    try {
      const pictures: SourcePicture[] = [];
      for (const one of chosen) pictures.push(await one.read({ maxSide: side }));
      for (const picture of pictures) void styles.remember(picture);
      const made = pictures.map((picture, at) => {
        const { layerId = null, name = "" } = chosen[at] ?? {};
        return { id: layerId, name, key: styleKey(picture) };
      });
      making.value = { styles: made, settings };
      const contents = frames.map((row) => ({
        id: row.id,
        name: row.name,
        ...(row.style !== null && { style: row.style }),
        read: () => host.readPicture(row.id, { maxSide: side }),
      }));
      const painted = pictures.map((picture) => ({ picture, weight: 1 }));
      const name = made.map((style) => style.name).join(", ");
      const request = { name, styles: painted, settings, contents, ...animation };
      running = await (await engine()).startBatch(request, { ...listeners, signal });
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
    if (stored === null || phase.value !== "choosing") return false;
    const { id, frames, ...madeWith } = stored;
    const rowsBefore = rows.value;
    // Nothing else may begin with these rows while the engine is asked.
    together(() => {
      phase.value = "starting";
      making.value = madeWith;
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
      error.value = await insertFrames(host, running, list, making.value);
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
    scope,
    asAnimation,
    rows,
    phase,
    secondsLeft,
    error,
    inserting,
    leaving,
    /** Names of the styles that it paints in, or would. */
    styleNames: computed(() =>
      (phase.value === "choosing" ? chosenStyles.value : (making.value?.styles ?? [])).map(({ name }) => name),
    ),
    way,
    results,
    /** Of the style that is carried least evenly over the results that are done; null until three are. */
    evenness: computed(() => {
      const found = (making.value?.styles ?? []).flatMap(({ name }, style) => {
        const own = rows.value.filter((row) => (row.style ?? 0) === style && row.status === "done");
        const consistency = consistencyOf(own.map((row) => row.styleDistance));
        return consistency === null
          ? []
          : [{ ...consistency, style: name, oddestName: own[consistency.oddest]?.name ?? "" }];
      });
      return found.sort((one, other) => other.spread - one.spread)[0] ?? null;
    }),
    finished,
    insertable,
    usable,
    /** So many results are painted quick, unless `wantsQuick` says otherwise. */
    isMany: paintedWith.isMany,
    wantsQuick: paintedWith.wantsQuick,
    /** What "Apply" would paint with, and then what is painted with. */
    settings: computed<Settings>(() =>
      phase.value === "choosing" ? paintedWith.settings.value : { ...DEFAULT_SETTINGS, ...making.value?.settings },
    ),
    active: computed(() => !["choosing", "done", "cancelled"].includes(phase.value)),

    list: listScope,
    setAnimation(wanted: boolean): void {
      if (phase.value !== "choosing") return;
      wantsAnimation.value = wanted;
      if (wanted) list.sort(byName);
    },
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
    /** The style of a frame, where each has one. */
    chooseStyle(index: number, style: number): void {
      if (phase.value === "choosing") list.change(index, { style });
    },
    /** Takes a row off the list before the batch starts. */
    remove(index: number): void {
      if (phase.value === "choosing") list.remove(index);
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
        rows.value = [];
      });
      // The studio would ask for a folder again.
      if (scope.value !== "folder") await listScope();
    },
  };
}

/** "Frame 2" before "Frame 10". */
function byName(one: { name: string }, other: { name: string }): number {
  return one.name.localeCompare(other.name, undefined, { numeric: true });
}
