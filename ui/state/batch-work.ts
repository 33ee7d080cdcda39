// A batch in the engine's hands: begun, or found again where it outlived the panel, which keeps which layer each frame came
// from while results wait to be inserted.

import { signal, batch as together } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { Settings } from "../../companion/protocol/settings.ts";
import type { BatchListeners, BatchRunState, EngineBatch, EngineBatchRequest } from "../engines/style-engine.ts";
import type { Host, SourcePicture } from "../host.ts";
import type { BatchRow, BatchRows } from "./batch-rows.ts";
import type { Input } from "./painting.ts";
import {
  type BatchMaking,
  type BatchStyle,
  type BatchTarget,
  forgetBatch,
  loadBatch,
  saveBatch,
} from "./stored-batch.ts";
import { styleKey } from "./stored-styles.ts";
import { toErrorBody } from "./to-error-body.ts";
import { readSide, type WorkParts } from "./work-parts.ts";

export type BatchPhase = "choosing" | "starting" | BatchRunState;

/** What is to be painted. */
export interface BatchOrder {
  styles: readonly Input[];
  /** A row for each result. */
  cells: readonly BatchRow[];
  settings: Settings;
  asAnimation: boolean;
}

const AMONG_ORIGINALS: BatchTarget = { onNewPage: false, page: null };

export type BatchWork = ReturnType<typeof createBatchWork>;

/** `onDone`: called with the place of each result that is done. */
export function createBatchWork(
  { host, styles, engine }: Pick<WorkParts, "host" | "styles" | "engine">,
  list: BatchRows,
  onDone: (index: number) => void,
) {
  const { rows } = list;
  const phase = signal<BatchPhase>("choosing");
  const error = signal<ErrorBody | null>(null);
  const secondsLeft = signal<number | null>(null);
  const making = signal<BatchMaking | null>(null);
  const target = signal<BatchTarget>(AMONG_ORIGINALS);
  let running: EngineBatch | null = null;
  /** While frames are read and sent: the way to give up. */
  let starting: AbortController | null = null;

  const listeners: BatchListeners = {
    onFrame({ index, state, ...told }) {
      list.change(index, { status: state, notes: [], styleDistance: null, ...told });
      if (state === "done") onDone(index);
    },
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

  return {
    phase,
    error,
    secondsLeft,
    making,
    /** Where results go. */
    target,
    store,
    running: () => running,

    async start({ styles: chosen, cells, settings, asAnimation }: BatchOrder): Promise<void> {
      const abort = new AbortController();
      const { signal } = abort;
      starting = abort;
      together(() => {
        phase.value = "starting";
        error.value = null;
        making.value = { styles: chosen.map(({ layerId, name }) => ({ id: layerId, name, key: null })), settings };
        list.show(cells.map((row) => ({ ...row, status: "reading", fraction: 0, error: null, inserted: false })));
      });
      try {
        const { pictures, made } = await readStyles(chosen, readSide(settings));
        for (const picture of pictures) void styles.remember(picture);
        making.value = { styles: made, settings };
        const name = made.map((style) => style.name).join(", ");
        const animation = asAnimation ? { animation: true as const } : {};
        const request = { ...requestOf(host, pictures, cells, settings), ...animation, name };
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
    },

    /** Finds the batch that was left when the panel was closed. Returns whether there is one. */
    async recover(): Promise<boolean> {
      const stored = await loadBatch(host);
      if (stored === null || phase.value !== "choosing") return false;
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
    },

    cancel(): void {
      starting?.abort();
      running?.cancel();
    },

    /** Leaves the batch: another one can be chosen. */
    async leave(): Promise<void> {
      running?.detach();
      running = null;
      await forgetBatch(host).catch(() => undefined);
      together(() => {
        phase.value = "choosing";
        secondsLeft.value = null;
        error.value = null;
        target.value = AMONG_ORIGINALS;
        rows.value = [];
      });
    },
  };
}

async function readStyles(chosen: readonly Input[], maxSide: number) {
  const pictures: SourcePicture[] = [];
  const made: BatchStyle[] = [];
  for (const { layerId, name, read } of chosen) {
    const picture = (await read?.({ maxSide })) ?? null;
    if (picture !== null) pictures.push(picture);
    made.push({ id: layerId, name, key: picture === null ? null : styleKey(picture) });
  }
  return { pictures, made };
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
