// What a person, or nobody's being there any more, does to a job: settings that change, pause, resume, stop, cancel. The
// ledger knows first; who has the job in work is told after.

import type { JobRecord } from "../ledger/job-record.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { isFinal } from "../protocol/job-states.ts";
import type { JobChange } from "../protocol/jobs.ts";
import type { EngineSupervisor } from "../supervisor/supervisor.ts";
import type { Attempts } from "./attempts.ts";
import { liveChange, replacedSettings } from "./job-settings.ts";
import type { Transitions } from "./transitions.ts";

/** What jobs in work are told; the ledger knows already. */
export type Controls = Pick<EngineSupervisor, "update" | "pause" | "stop" | "cancel">;

export interface JobChangesParts {
  ledger: Ledger;
  transitions: Transitions;
  attempts: Attempts;
  controls: Controls;
  /** Something may be runnable now. */
  wake: () => void;
}

/** A change waits so long for the child to put a job aside before it answers. */
const PAUSE_ANSWER_MS = 3_000;

export class JobChanges {
  readonly #ledger: Ledger;
  readonly #transitions: Transitions;
  readonly #attempts: Attempts;
  readonly #controls: Controls;
  readonly #wake: () => void;

  constructor({ ledger, transitions, attempts, controls, wake }: JobChangesParts) {
    this.#ledger = ledger;
    this.#transitions = transitions;
    this.#attempts = attempts;
    this.#controls = controls;
    this.#wake = wake;
  }

  /** Resolves when a job that is to pause has, or after some seconds. Throws ImpastoError. */
  async change(job: JobRecord, { settings, action }: JobChange): Promise<void> {
    if (isFinal(job.state)) throw new ImpastoError("conflict", "This job is over.", { hint: "Start a new one." });
    if (settings !== undefined) this.#changeSettings(job, settings);
    if (action === "pause") await this.#pause(job.id);
    if (action === "resume") this.#resume(job.id);
    if (action === "stop") this.#stop(job);
  }

  cancel(id: string): void {
    if (this.#transitions.cancel(id)) this.#controls.cancel(id);
  }

  /** Who watched the job went away. */
  pauseUnwatched(id: string): void {
    try {
      this.#pauseFor(id, "client-gone");
    } catch {
      // A ledger that cannot be written: the job goes on, which harms nobody.
    }
  }

  /** Nobody came back; who paused a job by hand means to. */
  cancelUnwatched(id: string): void {
    try {
      const job = this.#ledger.jobs.find(id);
      if (job === undefined || job.pauseReason === "user") return;
      this.cancel(id);
      this.#wake();
    } catch {
      // As above.
    }
  }

  /** Who watched the job is back. */
  resumeWatched(id: string): void {
    const job = this.#ledger.jobs.find(id);
    if (job?.pauseReason === "client-gone" || job?.pauseReason === "restart") this.#resume(id);
  }

  #changeSettings(job: JobRecord, input: unknown): void {
    if (job.attempt === 0) {
      this.#transitions.setSettings(job.id, replacedSettings(job, input));
      return;
    }
    const change = {
      iteration: this.#attempts.progressOf(job)?.totalIteration ?? 0,
      settings: liveChange(job, input),
    };
    this.#transitions.addChange(job, change);
    this.#controls.update(job.id, change);
  }

  async #pause(id: string): Promise<void> {
    this.#pauseFor(id, "user");
    const end = performance.now() + PAUSE_ANSWER_MS;
    while (this.#ledger.jobs.find(id)?.state === "running" && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #pauseFor(id: string, reason: "user" | "client-gone"): void {
    const job = this.#ledger.jobs.find(id);
    switch (job?.state) {
      case "queued":
        this.#transitions.pauseQueued(id, reason);
        return;
      case "running":
        if (job.pauseReason === null || reason === "user") this.#transitions.wantPause(id, reason);
        this.#controls.pause(id);
        return;
      case "paused":
        if (reason === "user" && job.pauseReason !== "user") this.#transitions.changePauseReason(id, reason);
    }
  }

  #resume(id: string): void {
    const isPausing = this.#ledger.jobs.find(id)?.pauseReason !== null;
    if (!this.#transitions.resume(id) && isPausing) this.#transitions.wantPause(id, null);
    this.#wake();
  }

  #stop(job: JobRecord): void {
    const { id, state } = job;
    if (state !== "running" && this.#attempts.checkpointOf(job) === null) {
      throw new ImpastoError("conflict", "This job has no picture yet.", { hint: "Cancel it, or let it begin." });
    }
    this.#transitions.wantStop(id);
    // Also takes back a pause that was asked for: one that still happens is followed by the next attempt.
    this.#resume(id);
    if (state === "running") this.#controls.stop(id);
  }
}
