// The streams of events. Of progress and previews only the latest is kept; a job's state stands in the ledger,
// so that a stream can go on after a restart. Listeners never throw and never block.

import type { JobRecord, JobStep } from "../ledger/job-record.ts";
import type { Preview } from "../protocol/engine.ts";
import type { JobEvent } from "../protocol/jobs.ts";
import type { Progress } from "../protocol/progress.ts";
import type { SettingsChange } from "../protocol/recipe.ts";

type Listener<E> = (event: E) => void;

interface Kept {
  progress?: JobEvent;
  preview?: JobEvent;
  changes: JobEvent[];
}

export class JobEvents {
  readonly #kept = new Map<string, Kept>();
  readonly #listeners = new ListenerSet<JobEvent>();

  /** The job entered the state that `record` tells. */
  state(record: JobStep, time: number): void {
    this.#listeners.emit(record.id, stateEvent(record, time));
  }

  progress(id: string, sequence: number, time: number, progress: Progress): void {
    const event: JobEvent = { type: "progress", sequence, time, progress };
    this.#of(id).progress = event;
    this.#listeners.emit(id, event);
  }

  preview(id: string, sequence: number, time: number, { width, height }: Pick<Preview, "width" | "height">): void {
    const event: JobEvent = { type: "preview", sequence, time, width, height };
    this.#of(id).preview = event;
    this.#listeners.emit(id, event);
  }

  change(id: string, sequence: number, time: number, change: SettingsChange): void {
    const event: JobEvent = { type: "change", sequence, time, change };
    this.#of(id).changes.push(event);
    this.#listeners.emit(id, event);
  }

  /** Calls `listener` with what is kept above `after`, then with what comes. */
  watch(record: JobRecord, after: number, listener: Listener<JobEvent>): () => void {
    const kept = this.#kept.get(record.id);
    const time = record.finishedAt ?? record.startedAt ?? record.createdAt;
    const events = [stateEvent(record, time), ...(kept?.changes ?? []), kept?.progress, kept?.preview];
    for (const event of events.filter((event) => event !== undefined).sort(bySequence)) {
      if (event.sequence > after) listener(event);
    }
    return this.#listeners.add(record.id, listener);
  }

  /** Nothing more will happen to the job: only the ledger remembers it. */
  forget(id: string): void {
    this.#kept.delete(id);
  }

  #of(id: string): Kept {
    let kept = this.#kept.get(id);
    if (kept === undefined) {
      kept = { changes: [] };
      this.#kept.set(id, kept);
    }
    return kept;
  }
}

/** Listeners by what they listen to. */
export class ListenerSet<E> {
  readonly #listeners = new Map<string, Set<Listener<E>>>();

  add(id: string, listener: Listener<E>): () => void {
    // A wrapper of its own: the same function may listen twice.
    const own: Listener<E> = (event) => listener(event);
    const set = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, set.add(own));
    return () => {
      set.delete(own);
      if (set.size === 0 && this.#listeners.get(id) === set) this.#listeners.delete(id);
    };
  }

  has(id: string): boolean {
    return this.#listeners.has(id);
  }

  emit(id: string, event: E): void {
    for (const listener of [...(this.#listeners.get(id) ?? [])]) listener(event);
  }
}

function bySequence(a: JobEvent, b: JobEvent): number {
  return a.sequence - b.sequence;
}

function stateEvent(record: JobStep, time: number): JobEvent {
  return {
    type: "state",
    sequence: record.sequence,
    time,
    state: record.state,
    ...(record.pauseReason !== null && { pauseReason: record.pauseReason }),
    ...(record.result !== null && { result: record.result }),
    ...(record.error !== null && { error: record.error }),
  };
}
