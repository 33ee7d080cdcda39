// Every change of a job's state: one fenced transaction in the ledger, which keeps its batch in step, and then the
// events that tell of it. Methods answer whether the change took place; one that came too late changes nothing.

import type { JobRecord, JobStep, Lease } from "../ledger/job-record.ts";
import type { Stamp } from "../ledger/jobs-table.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ImpastoError } from "../protocol/errors.ts";
import { isFinal, type PauseReason } from "../protocol/job-states.ts";
import type { JobResult } from "../protocol/jobs.ts";
import type { Progress } from "../protocol/progress.ts";
import type { Recipe, SettingsChange } from "../protocol/recipe.ts";
import type { Settings } from "../protocol/settings.ts";
import type { When } from "../storage/database.ts";
import { BatchEvents } from "./batch-events.ts";
import { JobEvents } from "./events.ts";

/** What becomes of a batch together with its jobs: all of it or nothing, also when the companion ends meanwhile. */
export interface BatchStep {
  id: string;
  apply(): void;
  /** That change beside those whose jobs do. */
  frames?: readonly number[];
}

export class Transitions {
  readonly events = new JobEvents();
  readonly batchEvents: BatchEvents;
  readonly #ledger: Ledger;
  readonly #onFinal: (job: JobStep) => void;

  /** `onFinal` is told of each job that is over. */
  constructor(ledger: Ledger, onFinal: (job: JobStep) => void) {
    this.#ledger = ledger;
    this.#onFinal = onFinal;
    this.batchEvents = new BatchEvents(ledger);
  }

  /**
   * queued → running; the number of the attempt, or null. `lease`: who carries it out, null for this process. Nobody
   * waits for the disk: a power cut makes of it a job that is still queued, whose worker is told that it is not its own.
   */
  claim(id: string, lease: Lease | null = null): number | null {
    let attempt: number | null = null;
    const claim = (stamp: Stamp) => {
      attempt = this.#ledger.jobs.claim(id, this.#ledger.epoch, stamp, lease);
      return attempt !== null;
    };
    this.#step(id, claim, "soon");
    return attempt;
  }

  finish(id: string, attempt: number, result: JobResult, recipe: Recipe): boolean {
    return this.#step(id, (stamp) => {
      const finished = this.#ledger.jobs.finish(id, attempt, result, recipe, stamp);
      if (finished) this.#ledger.blobs.touch(result.sha256, result.bytes, stamp.now);
      return finished;
    });
  }

  fail(id: string, attempt: number, error: ImpastoError): boolean {
    return this.#step(id, (stamp) => this.#ledger.jobs.fail(id, attempt, error.toBody(), stamp));
  }

  /** A pause that was wanted before takes its place in the same step. */
  requeue(
    id: string,
    attempt: number,
    why: { outcome: "died" | "retried"; onCpu?: boolean; pauseReason?: PauseReason | null },
  ): boolean {
    const { pauseReason = null } = why;
    return this.#step(id, (stamp) => {
      const requeued = this.#ledger.jobs.requeue(id, attempt, why, stamp);
      if (requeued && pauseReason !== null) this.#ledger.jobs.pauseQueued(id, pauseReason, stamp);
      return requeued;
    });
  }

  pauseRunning(id: string, attempt: number, reason: PauseReason): boolean {
    return this.#step(id, (stamp) => this.#ledger.jobs.pauseRunning(id, attempt, reason, stamp), "surely");
  }

  wantPause(id: string, reason: PauseReason | null): boolean {
    return this.#step(id, (stamp) => this.#ledger.jobs.wantPause(id, reason, stamp));
  }

  pauseQueued(id: string, reason: PauseReason): boolean {
    return this.#step(id, (stamp) => this.#ledger.jobs.pauseQueued(id, reason, stamp));
  }

  changePauseReason(id: string, reason: PauseReason): boolean {
    return this.#step(id, (stamp) => this.#ledger.jobs.changePauseReason(id, reason, stamp));
  }

  resume(id: string): boolean {
    return this.#step(id, (stamp) => this.#ledger.jobs.resume(id, stamp));
  }

  cancel(id: string): boolean {
    return this.#steps(() => this.#ledger.jobs.cancelAll([id], this.#ledger.stamp()), undefined, "surely") > 0;
  }

  cancelAll(ids: readonly string[], batch: BatchStep): number {
    return this.#steps(() => this.#ledger.jobs.cancelAll(ids, this.#ledger.stamps(ids.length)), batch, "surely");
  }

  /** Queued ones at once, running ones as soon as their child has put them aside; paused ones wait for nothing else. */
  pauseAll(ids: readonly string[], reason: PauseReason, batch: BatchStep): number {
    return this.#steps(() => this.#ledger.jobs.pauseAll(ids, reason, this.#ledger.stamps(ids.length)), batch);
  }

  /** Also takes back pauses that did not happen yet. */
  resumeAll(ids: readonly string[], batch: BatchStep): number {
    return this.#steps(() => this.#ledger.jobs.resumeAll(ids, this.#ledger.stamps(ids.length)), batch);
  }

  redo(id: string): boolean {
    return this.#step(id, (stamp) => this.#ledger.jobs.redo(id, stamp));
  }

  wantStop(id: string): boolean {
    return this.#ledger.transaction(() => this.#ledger.jobs.wantStop(id));
  }

  /** Replaces the settings of a job that has not begun. */
  setSettings(id: string, settings: Settings): void {
    const { now, sequence } = this.#ledger.stamp();
    this.#ledger.transaction(() => this.#ledger.jobs.setSettings(id, settings, [], { now, sequence }));
    const record = this.#ledger.jobs.find(id);
    if (record !== undefined) this.events.state(record, now);
  }

  addChange(record: JobRecord, change: SettingsChange): void {
    const { now, sequence } = this.#ledger.stamp();
    this.#ledger.transaction(() =>
      this.#ledger.jobs.setSettings(record.id, record.settings, [...record.changes, change], { now, sequence }),
    );
    this.events.change(record.id, sequence, now, change);
  }

  progress(id: string, progress: Progress): void {
    this.events.progress(id, this.#ledger.nextSequence(), this.#ledger.now(), progress);
  }

  /** The number under which the preview can be had. */
  preview(id: string, size: { width: number; height: number }): number {
    const sequence = this.#ledger.nextSequence();
    this.events.preview(id, sequence, this.#ledger.now(), size);
    return sequence;
  }

  checkpointed(id: string, attempt: number, progress: Progress): void {
    this.#ledger.transaction(() => this.#ledger.jobs.checkpointed(id, attempt, progress));
  }

  /** A job was inserted, alone or with its batch, in a transaction that has ended. */
  announce(id: string): void {
    const record = this.#ledger.jobs.find(id);
    if (record !== undefined) this.events.state(record, record.createdAt);
  }

  #step(id: string, change: (stamp: Stamp) => boolean, when?: When): boolean {
    const changed = () => {
      const record = change(this.#ledger.stamp()) ? this.#ledger.jobs.step(id) : undefined;
      return record === undefined ? [] : [record];
    };
    return this.#steps(changed, undefined, when) > 0;
  }

  /**
   * A change of jobs in one transaction, and of their batch; how many jobs it took place for.
   * @param change returns the jobs as they are after it
   */
  #steps(change: () => JobStep[], batch?: BatchStep, when?: When): number {
    const frames = new Map<string, number[]>();
    const changed = this.#ledger.transaction(() => {
      batch?.apply();
      const records = change();
      if (batch !== undefined) frames.set(batch.id, [...(batch.frames ?? [])]);
      for (const record of records) {
        if (record.batch === null) continue;
        const ofBatch = frames.get(record.batch.id) ?? [];
        frames.set(record.batch.id, ofBatch);
        ofBatch.push(record.batch.frame);
      }
      for (const id of frames.keys()) this.batchEvents.settle(id);
      return records;
    }, when);
    for (const record of changed) {
      this.events.state(record, this.#ledger.now());
      if (isFinal(record.state)) {
        this.events.forget(record.id);
        this.#onFinal(record);
      }
    }
    for (const [id, changedFrames] of frames) this.batchEvents.changed(id, changedFrames);
    return changed.length;
  }
}
