// Takes the next job from the ledger to the engine child of this machine: one at a time is painted, while the one before it
// is written and the next frame of its batch is read.

import type { JobRecord } from "../ledger/job-record.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { EngineSupervisor } from "../supervisor/supervisor.ts";
import { type Attempts, codeOf } from "./attempts.ts";
import type { Transitions } from "./transitions.ts";

/** Who sees to it that queued jobs are carried out. */
export interface Dispatcher {
  start(): void;
  /** Something may be runnable now. */
  wake(): void;
  /** Begins nothing any more. */
  close(): Promise<void>;
}

export interface RunnerParts {
  ledger: Ledger;
  transitions: Transitions;
  attempts: Attempts;
  supervisor: EngineSupervisor;
  log: (event: Record<string, unknown>) => void;
}

const LEDGER_RETRY_MS = 1_000;

export class Runner implements Dispatcher {
  readonly #parts: RunnerParts;
  #started = false;
  #closed = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#started = true;
    this.wake();
  }

  /** A ledger that cannot be written just now is asked again. */
  wake(): void {
    const { supervisor, log } = this.#parts;
    if (!this.#started || this.#closed || supervisor.busy) return;
    try {
      this.#takeNext();
    } catch (error) {
      log({ event: "ledger-refused", code: codeOf(error) });
      setTimeout(() => this.wake(), LEDGER_RETRY_MS).unref();
    }
  }

  /** What runs is put aside when the engine is closed. */
  async close(): Promise<void> {
    this.#closed = true;
  }

  #takeNext(): void {
    const { ledger, transitions, attempts, supervisor, log } = this.#parts;
    for (let job = ledger.work.next(); job !== undefined; job = ledger.work.next()) {
      const attempt = transitions.claim(job.id);
      if (attempt === null) continue;
      try {
        this.#begin(job, attempt);
      } catch (error) {
        // Claimed, but in nobody's hands: without this it would count as running until the next start.
        log({ event: "job-not-begun", job: job.id, code: codeOf(error) });
        void attempts.settled(job.id, attempt, { type: "died", reason: codeOf(error) });
        return;
      }
      this.#expectNext(job);
      if (supervisor.busy) return;
    }
  }

  /** The next frame of the same batch, unless somebody's picture comes between. */
  #expectNext({ batch }: JobRecord): void {
    const { ledger, attempts, supervisor } = this.#parts;
    const next = batch === null ? undefined : ledger.work.next();
    if (next !== undefined && next.batch?.id === batch?.id) supervisor.expect(attempts.contentOf(next));
  }

  #begin(job: JobRecord, attempt: number): void {
    const { attempts, supervisor } = this.#parts;
    const order = attempts.order(job, attempt);
    if (order === null) return;
    supervisor.run(order, {
      progress: (progress) => attempts.progress(job.id, progress),
      preview: (preview) => attempts.preview(job.id, preview),
      checkpoint: (progress) => attempts.checkpointed(job.id, attempt, progress),
      painted: () => this.wake(),
      settled: (outcome) => void attempts.settled(job.id, attempt, outcome),
    });
  }
}
