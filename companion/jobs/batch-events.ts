// What happens to batches: their state follows their frames, and both are told to whoever watches.

import type { Batch, BatchEvent, BatchSummary } from "../protocol/batches.ts";
import type { BatchState, FrameState } from "../protocol/job-states.ts";
import type { BatchRecord } from "../ledger/batches-table.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { ListenerSet } from "./events.ts";

export class BatchEvents {
  readonly #ledger: Ledger;
  readonly #listeners = new ListenerSet<BatchEvent>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Inside the transaction that changed a frame: ends the batch with its last frame, and begins it again with one that is retried. */
  settle(id: string): void {
    const state = this.#ledger.batches.state(id);
    if (state === undefined) return;
    this.#ledger.batches.setState(id, stateOf(state, this.#ledger.batches.isOpen(id)), this.#ledger.stamp());
  }

  /** After that transaction: tells of the frames in the order of their numbers, then of the batch. */
  changed(id: string, frames: readonly number[]): void {
    if (!this.#listeners.has(id)) return;
    const { batches } = this.#ledger;
    const time = this.#ledger.now();
    for (const frame of batches.framesAt(id, frames)) this.#listeners.emit(id, { type: "frame", time, ...frame });
    const batch = batches.find(id);
    if (batch === undefined) return;
    this.#listeners.emit(id, { type: "state", sequence: batch.sequence, time, batch: this.summary(batch) });
  }

  watch(batch: BatchRecord, after: number, listener: (event: BatchEvent) => void): () => void {
    const time = this.#ledger.now();
    for (const { frame, sequence } of this.#ledger.batches.changedFrames(batch.id, after)) {
      listener({ type: "frame", sequence, time, frame });
    }
    if (batch.sequence > after) {
      listener({ type: "state", sequence: batch.sequence, time, batch: this.summary(batch) });
    }
    return this.#listeners.add(batch.id, listener);
  }

  summary(batch: BatchRecord): BatchSummary {
    const counts = this.#ledger.batches.counts(batch.id);
    const secondsPerFrame = this.#ledger.batches.secondsPerFrame(batch.id);
    const left = counts.queued + counts.running + counts.paused;
    return {
      id: batch.id,
      name: batch.name,
      state: batch.state,
      createdAt: batch.createdAt,
      finishedAt: batch.finishedAt,
      counts,
      secondsLeft: secondsPerFrame === null ? null : secondsPerFrame * left,
      sequence: batch.sequence,
    };
  }

  whole(batch: BatchRecord): Batch {
    return { ...this.summary(batch), request: batch.request, frames: this.#ledger.batches.frames(batch.id) };
  }
}

function stateOf(state: BatchState, isOpen: boolean): BatchState {
  if (state === "cancelled") return "cancelled";
  if (!isOpen) return "done";
  return state === "paused" ? "paused" : "running";
}

/** Of a frame that "retry" takes up again. */
export function canRetry(state: FrameState): boolean {
  return state === "failed" || state === "cancelled" || state === "skipped";
}
