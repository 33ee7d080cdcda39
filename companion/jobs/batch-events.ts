// What happens to batches: their state follows their frames, and both are told to whoever watches.

import type { BatchRecord, BatchRest } from "../ledger/batches-table.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Batch, BatchEvent, BatchSummary } from "../protocol/batches.ts";
import type { BatchState, FrameState } from "../protocol/job-states.ts";
import { BatchTallies } from "./batch-tallies.ts";
import { ListenerSet } from "./events.ts";

/** Who watches a batch hears what it has come to: not anew for each of many frames a second. */
const SUMMARY_EVERY_MS = 250;

export class BatchEvents {
  readonly #ledger: Ledger;
  readonly #tallies: BatchTallies;
  readonly #listeners = new ListenerSet<BatchEvent>();
  /** What was told last of batches that somebody watches. */
  readonly #told = new Map<string, { state: BatchState; at: number; next: NodeJS.Timeout | null }>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#tallies = new BatchTallies(ledger);
  }

  /** Inside the transaction that changed a frame: ends the batch with its last frame, and begins it again with one that is retried. */
  settle(id: string): void {
    const state = this.#ledger.batches.state(id);
    if (state === undefined) return;
    this.#ledger.batches.setState(id, stateOf(state, this.#ledger.batches.rest(id)), this.#ledger.stamp());
  }

  /**
   * After that transaction: tells of the frames in the order of their numbers, then of the batch, at once where its state
   * is another one.
   */
  changed(id: string, frames: readonly number[]): void {
    this.#tallies.changed(id, frames);
    if (!this.#listeners.has(id)) return;
    const { batches } = this.#ledger;
    const time = this.#ledger.now();
    for (const frame of batches.framesAt(id, frames)) this.#listeners.emit(id, { type: "frame", time, ...frame });
    const told = this.#told.get(id);
    const waitMs = told === undefined ? 0 : told.at + SUMMARY_EVERY_MS - performance.now();
    if (told === undefined || waitMs <= 0 || batches.state(id) !== told.state) this.#tell(id);
    else told.next ??= setTimeout(() => this.#tellLate(id), waitMs).unref();
  }

  #tell(id: string): void {
    clearTimeout(this.#told.get(id)?.next ?? undefined);
    this.#told.delete(id);
    const batch = this.#listeners.has(id) ? this.#ledger.batches.find(id) : undefined;
    if (batch === undefined) return;
    if (batch.finishedAt === null) this.#told.set(id, { state: batch.state, at: performance.now(), next: null });
    const time = this.#ledger.now();
    this.#listeners.emit(id, { type: "state", sequence: batch.sequence, time, batch: this.summary(batch) });
  }

  #tellLate(id: string): void {
    try {
      this.#tell(id);
    } catch {
      // The ledger was closed meanwhile, or cannot be read: whoever watches again is told.
    }
  }

  /** It was removed from the ledger. */
  forget(id: string): void {
    this.#tallies.forget(id);
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

  doneOf(id: string): number {
    return this.#tallies.of(id).counts.done;
  }

  summary(batch: BatchRecord): BatchSummary {
    const { counts, secondsPerFrame } = this.#tallies.of(batch.id);
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

/** Frames may be paused, resumed and tried again one by one: the batch is what they are. */
function stateOf(state: BatchState, rest: BatchRest): BatchState {
  if (state === "cancelled") return "cancelled";
  if (rest === "none") return "done";
  if (rest === "queued") return "running";
  return rest === "paused" || state === "paused" ? "paused" : "running";
}

/** Of a frame that "retry" takes up again. */
export function canRetry(state: FrameState): boolean {
  return state === "failed" || state === "cancelled" || state === "skipped";
}
