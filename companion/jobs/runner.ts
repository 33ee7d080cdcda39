// Takes the next job from the ledger to the engine child, and what becomes of it back into the ledger.

import { setTimeout as sleep } from "node:timers/promises";
import { inputsOf, type JobRecord } from "../ledger/job-record.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { isFinal } from "../protocol/job-states.ts";
import type { JobResult } from "../protocol/jobs.ts";
import type { Progress } from "../protocol/progress.ts";
import type { FileSystem } from "../storage/file-system.ts";
import { checkpointPath } from "../supervisor/checkpoint-file.ts";
import type { Finished, RunOrder } from "../supervisor/messages.ts";
import { crashed, type EngineSupervisor, isDeviceError, type RunOutcome } from "../supervisor/supervisor.ts";
import type { PictureStore } from "./picture-store.ts";
import type { Transitions } from "./transitions.ts";

/** A job whose children died so often is given up. */
const MAX_DEATHS = 3;
const LEDGER_RETRY_MS = 1_000;
const DISK_CHECK_MS = 30_000;
const DISK_ROOM_BYTES = 64 * 1024 * 1024;

function codeOf(error: unknown): string {
  return error instanceof ImpastoError ? error.code : String(error);
}

export interface RunnerFolders {
  checkpoints: string;
  temporary: string;
}

interface KeptPreview {
  sequence: number;
  path: string;
}

export class Runner {
  readonly #ledger: Ledger;
  readonly #transitions: Transitions;
  readonly #pictures: PictureStore;
  readonly #supervisor: EngineSupervisor;
  readonly #fileSystem: FileSystem;
  readonly #folders: RunnerFolders;
  readonly #log: (event: Record<string, unknown>) => void;
  readonly #progress = new Map<string, Progress>();
  readonly #previews = new Map<string, KeptPreview>();
  /** Outcomes on their way into the ledger. */
  readonly #settling = new Set<Promise<void>>();
  #diskClock: NodeJS.Timeout | null = null;
  #started = false;
  #closed = false;

  constructor(parts: {
    ledger: Ledger;
    transitions: Transitions;
    pictures: PictureStore;
    supervisor: EngineSupervisor;
    fileSystem: FileSystem;
    folders: RunnerFolders;
    log: (event: Record<string, unknown>) => void;
  }) {
    this.#log = parts.log;
    this.#ledger = parts.ledger;
    this.#transitions = parts.transitions;
    this.#pictures = parts.pictures;
    this.#supervisor = parts.supervisor;
    this.#fileSystem = parts.fileSystem;
    this.#folders = parts.folders;
  }

  /** Begins to take jobs; those that wait for room on the disk have their clock again. */
  start(): void {
    this.#started = true;
    this.#watchDisk();
    this.wake();
  }

  /** Something may be runnable now. A ledger that cannot be written just now is asked again. */
  wake(): void {
    if (!this.#started || this.#closed || this.#supervisor.busy) return;
    try {
      this.#takeNext();
    } catch (error) {
      this.#log({ event: "ledger-refused", code: codeOf(error) });
      setTimeout(() => this.wake(), LEDGER_RETRY_MS).unref();
    }
  }

  #takeNext(): void {
    for (let job = this.#ledger.jobs.next(); job !== undefined; job = this.#ledger.jobs.next()) {
      const attempt = this.#transitions.claim(job.id);
      if (attempt === null) continue;
      try {
        this.#begin(job, attempt);
      } catch (error) {
        // Claimed, but in nobody's hands: without this it would count as running until the next start.
        this.#log({ event: "job-not-begun", job: job.id, code: codeOf(error) });
        this.#settled(job.id, attempt, { type: "died", reason: codeOf(error) });
        return;
      }
      if (this.#supervisor.busy) return;
    }
  }

  /** Of the run in work or the last checkpoint. */
  progressOf(record: JobRecord): Progress | null {
    return this.#progress.get(record.id) ?? record.progress;
  }

  previewOf(id: string): KeptPreview | null {
    return this.#previews.get(id) ?? null;
  }

  /** The file from which the job can go on, or null. */
  checkpointOf({ id, attempt }: Pick<JobRecord, "id" | "attempt">): string | null {
    for (let earlier = attempt; earlier >= 1; earlier--) {
      const path = checkpointPath(this.#folders.checkpoints, id, earlier);
      if (this.#fileSystem.size(path) !== null) return path;
    }
    return null;
  }

  /** The job is over: what it left beside its result goes. */
  async cleanUp({ id, attempt }: Pick<JobRecord, "id" | "attempt">): Promise<void> {
    const preview = this.#previews.get(id);
    this.#progress.delete(id);
    this.#previews.delete(id);
    const attempts = Array.from({ length: attempt }, (_, index) => index + 1);
    const paths = attempts.map((each) => checkpointPath(this.#folders.checkpoints, id, each));
    for (const path of [...paths, ...(preview === undefined ? [] : [preview.path])]) {
      // A file that stays is swept at the next start.
      await this.#fileSystem.remove(path).catch(() => undefined);
    }
  }

  /** Puts the running job aside and waits until the ledger knows. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#diskClock !== null) clearInterval(this.#diskClock);
    await this.#supervisor.close();
    await Promise.all(this.#settling);
  }

  #begin(job: JobRecord, attempt: number): void {
    const missing = inputsOf(job.request).some((sha256) => !this.#pictures.has(sha256));
    if (missing) {
      const error = new ImpastoError("not-found", "A picture of this job is no longer on the disk.", {
        hint: "Start the job again from the pictures.",
      });
      this.#transitions.fail(job.id, attempt, error);
      return;
    }
    this.#supervisor.run(this.#orderOf(job, attempt), {
      progress: (progress) => {
        this.#progress.set(job.id, progress);
        this.#transitions.progress(job.id, progress);
      },
      preview: ({ path, width, height }) => this.#keepPreview(job.id, path, { width, height }),
      checkpoint: (progress) => {
        this.#noteCheckpoint(job.id, attempt, progress);
        const earlier = this.checkpointOf({ id: job.id, attempt: attempt - 1 });
        if (earlier !== null) void this.#fileSystem.remove(earlier).catch(() => undefined);
      },
      settled: (outcome) => this.#settled(job.id, attempt, outcome),
    });
  }

  #settled(id: string, attempt: number, outcome: RunOutcome): void {
    const settling = this.#settleSurely(id, attempt, outcome).finally(() => {
      this.#settling.delete(settling);
      this.#forgetIfOver(id, attempt).catch((error: unknown) => {
        // What is kept of it is swept at the next start.
        this.#log({ event: "ledger-refused", job: id, code: codeOf(error) });
      });
      this.wake();
    });
    this.#settling.add(settling);
  }

  #noteCheckpoint(id: string, attempt: number, progress: Progress): void {
    try {
      this.#transitions.checkpointed(id, attempt, progress);
    } catch (error) {
      // The checkpoint is on the disk and will be found there; the ledger hears of the next one.
      this.#log({ event: "ledger-refused", job: id, code: codeOf(error) });
    }
  }

  /** Until the ledger took the outcome; a companion that ends before takes the job up again at its next start. */
  async #settleSurely(id: string, attempt: number, outcome: RunOutcome): Promise<void> {
    for (;;) {
      try {
        await this.#settle(id, attempt, outcome);
        return;
      } catch (error) {
        this.#log({ event: "ledger-refused", job: id, code: codeOf(error) });
        if (this.#closed) return;
        await sleep(LEDGER_RETRY_MS);
      }
    }
  }

  /** A job that was cancelled may have said more before its child gave it up. */
  async #forgetIfOver(id: string, attempt: number): Promise<void> {
    if (this.#closed) return;
    const job = this.#ledger.jobs.find(id);
    if (job !== undefined && !isFinal(job.state)) return;
    this.#transitions.events.forget(id);
    await this.cleanUp({ id, attempt });
  }

  #orderOf(job: JobRecord, attempt: number): RunOrder {
    const resumeFrom = this.checkpointOf({ id: job.id, attempt: attempt - 1 });
    // A job that was done before and has lost its result goes through the same again.
    const { recipe } = job;
    return {
      job: job.id,
      attempt,
      request: this.#pictures.files(job.request, job.settings),
      overrides: job.onCpu ? { device: "cpu" } : {},
      changes: job.changes.slice(recipe?.changes.length ?? 0),
      stop: job.stopWanted,
      ...(recipe !== null && {
        repeat: { changes: recipe.changes, stopAt: recipe.stopped ? recipe.iterations : null },
      }),
      ...(resumeFrom !== null && { resumeFrom }),
      checkpointPath: checkpointPath(this.#folders.checkpoints, job.id, attempt),
      temporaryFolder: this.#folders.temporary,
    };
  }

  #keepPreview(id: string, path: string, size: { width: number; height: number }): void {
    const older = this.#previews.get(id);
    this.#previews.set(id, { path, sequence: this.#transitions.preview(id, size) });
    if (older !== undefined) void this.#fileSystem.remove(older.path).catch(() => undefined);
  }

  async #settle(id: string, attempt: number, outcome: RunOutcome): Promise<void> {
    const job = this.#ledger.jobs.find(id);
    switch (outcome.type) {
      case "finished":
        return await this.#finish(id, attempt, outcome);
      case "failed":
        return this.#failed(id, attempt, outcome.error);
      case "released":
        return this.#released(job, attempt);
      case "died":
        return this.#again(id, attempt, crashed(outcome.reason));
    }
  }

  /** A crash or a failing disk: once more, but not for ever. */
  #again(id: string, attempt: number, error: ImpastoError): void {
    const job = this.#ledger.jobs.find(id);
    if (job?.state !== "running") return;
    const { pauseReason } = job;
    if (job.deaths + 1 >= MAX_DEATHS) this.#transitions.fail(id, attempt, error);
    else this.#transitions.requeue(id, attempt, { outcome: "died", pauseReason });
  }

  async #finish(id: string, attempt: number, outcome: Finished): Promise<void> {
    const { path, sha256, width, height, seconds, recipe } = outcome;
    let bytes: number;
    try {
      bytes = await this.#pictures.adopt(path, sha256);
    } catch (error) {
      const known = error instanceof ImpastoError ? error : crashed(String(error));
      return known.code === "disk-full" ? this.#failed(id, attempt, known) : this.#again(id, attempt, known);
    }
    const onCpu = this.#ledger.jobs.find(id)?.onCpu === true;
    const fallback = onCpu ? "The graphics processor failed, so the CPU did it." : outcome.fallback;
    const result: JobResult = {
      sha256,
      bytes,
      width,
      height,
      iterations: recipe.iterations,
      seconds,
      device: recipe.device,
      ...(fallback !== undefined && { fallback }),
      ...(outcome.notes !== undefined && { notes: outcome.notes }),
      stopped: recipe.stopped,
    };
    // Refused when the job was cancelled while its result was brought in: then nothing names the blob.
    if (!this.#transitions.finish(id, attempt, result, recipe)) await this.#pictures.dropUnreferenced([sha256]);
  }

  #failed(id: string, attempt: number, error: ImpastoError): void {
    const job = this.#ledger.jobs.find(id);
    if (error.code === "disk-full") {
      this.#transitions.pauseRunning(id, attempt, "disk-full");
      this.#watchDisk();
    } else if (isDeviceError(error) && job?.onCpu === false) {
      this.#transitions.requeue(id, attempt, { outcome: "retried", onCpu: true, pauseReason: job.pauseReason });
    } else {
      this.#transitions.fail(id, attempt, error);
    }
  }

  #released(job: JobRecord | undefined, attempt: number): void {
    if (job?.state !== "running" || job.attempt !== attempt) return;
    const unattended = job.detached || job.batch !== null;
    if (job.pauseReason !== null) this.#transitions.pauseRunning(job.id, attempt, job.pauseReason);
    else if (this.#closed && !unattended) this.#transitions.pauseRunning(job.id, attempt, "restart");
    else this.#transitions.requeue(job.id, attempt, { outcome: "retried" });
  }

  /** Jobs that stopped for want of room go on when there is some. */
  #watchDisk(): void {
    this.#diskClock ??= setInterval(() => void this.#checkDisk().catch(() => undefined), DISK_CHECK_MS).unref();
  }

  async #checkDisk(): Promise<void> {
    const waiting = this.#ledger.jobs.inState("paused").filter(({ pauseReason }) => pauseReason === "disk-full");
    if (waiting.length > 0 && !(await this.#pictures.space.hasRoom(DISK_ROOM_BYTES))) return;
    if (this.#closed) return;
    for (const { id } of waiting) this.#transitions.resume(id);
    if (this.#diskClock !== null) clearInterval(this.#diskClock);
    this.#diskClock = null;
    this.wake();
  }
}
