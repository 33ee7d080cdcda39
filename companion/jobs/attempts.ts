// Attempts at jobs: what each one needs, what it tells on its way, and what becomes of it, back into the ledger.
// Who carries them out, the engine child of this process or a worker elsewhere, makes no difference here.

import { setTimeout as sleep } from "node:timers/promises";
import { inputsOf, type JobCourse, type JobRecord } from "../ledger/job-record.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { JobResult } from "../protocol/jobs.ts";
import type { Progress } from "../protocol/progress.ts";
import { wantedSide } from "../protocol/sizing.ts";
import type { FileSystem } from "../storage/file-system.ts";
import { checkpointPath, shotPath } from "../supervisor/checkpoint-file.ts";
import { crashed, isDeviceError } from "../supervisor/engine-errors.ts";
import type { Finished, PictureFile, RunOrder } from "../supervisor/messages.ts";
import { stoodStill } from "../supervisor/stall-watch.ts";
import type { RunOutcome } from "../supervisor/supervisor.ts";
import type { PictureStore } from "./picture-store.ts";
import { RoomWatch } from "./room-watch.ts";
import type { Transitions } from "./transitions.ts";

/** A job whose children died so often is given up. */
const MAX_DEATHS = 3;
/** One that stood still took minutes to find out. */
const MAX_STALLS = 2;
const LEDGER_RETRY_MS = 1_000;

export function codeOf(error: unknown): string {
  return error instanceof ImpastoError ? error.code : String(error);
}

/** A result that is among the blobs. */
type Made = Omit<Finished, "type" | "path" | "job" | "attempt"> & { bytes: number };

export type Outcome = RunOutcome | (Made & { type: "brought" });

export interface AttemptFolders {
  checkpoints: string;
  temporary: string;
}

interface KeptPreview {
  sequence: number;
  path: string;
}

export class Attempts {
  readonly #ledger: Ledger;
  readonly #transitions: Transitions;
  readonly #pictures: PictureStore;
  readonly #fileSystem: FileSystem;
  readonly #folders: AttemptFolders;
  readonly #log: (event: Record<string, unknown>) => void;
  readonly #wake: () => void;
  readonly #room: RoomWatch;
  readonly #progress = new Map<string, Progress>();
  readonly #previews = new Map<string, KeptPreview>();
  /** Outcomes on their way into the ledger. */
  readonly #settling = new Set<Promise<void>>();
  #closed = false;

  constructor(parts: {
    ledger: Ledger;
    transitions: Transitions;
    pictures: PictureStore;
    fileSystem: FileSystem;
    folders: AttemptFolders;
    log: (event: Record<string, unknown>) => void;
    /** Something may be runnable now. */
    wake: () => void;
  }) {
    this.#log = parts.log;
    this.#ledger = parts.ledger;
    this.#transitions = parts.transitions;
    this.#pictures = parts.pictures;
    this.#wake = parts.wake;
    this.#room = new RoomWatch(parts);
    this.#fileSystem = parts.fileSystem;
    this.#folders = parts.folders;
  }

  /** Jobs that wait for room on the disk have their clock again. */
  start(): void {
    this.#room.start();
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
  async cleanUp({ id, attempt, batch }: Pick<JobRecord, "id" | "attempt" | "batch">): Promise<void> {
    const preview = this.#previews.get(id);
    this.#progress.delete(id);
    this.#previews.delete(id);
    const attempts = Array.from({ length: attempt }, (_, index) => index + 1);
    const paths = attempts.map((each) => checkpointPath(this.#folders.checkpoints, id, each));
    const batchState = batch === null ? undefined : this.#ledger.batches.state(batch.id);
    const isLeftOpen = batchState === "running" || batchState === "paused";
    const shots = batch === null || isLeftOpen ? [] : [shotPath(this.#folders.checkpoints, batch.id)];
    for (const path of [...paths, ...shots, ...(preview === undefined ? [] : [preview.path])]) {
      // A file that stays is swept at the next start.
      await this.#fileSystem.remove(path).catch(() => undefined);
    }
  }

  /** From here on what is given back waits for the next start. */
  beginClose(): void {
    this.#closed = true;
    this.#room.close();
  }

  /** Waits until the ledger knows every outcome. */
  async close(): Promise<void> {
    await Promise.all(this.#settling);
  }

  /** Null where a picture is gone: then the job has failed. */
  order(job: JobRecord, attempt: number): RunOrder | null {
    const missing = inputsOf(job.request).some((sha256) => !this.#pictures.has(sha256));
    if (!missing) return this.#orderOf(job, attempt);
    const error = new ImpastoError("not-found", "A picture of this job is no longer on the disk.", {
      hint: "Start the job again from the pictures.",
    });
    this.#transitions.fail(job.id, attempt, error);
    return null;
  }

  progress(id: string, progress: Progress): void {
    this.#progress.set(id, progress);
    this.#transitions.progress(id, progress);
  }

  preview(id: string, { path, ...size }: { path: string; width: number; height: number }): void {
    const older = this.#previews.get(id);
    this.#previews.set(id, { path, sequence: this.#transitions.preview(id, size) });
    if (older !== undefined) void this.#fileSystem.remove(older.path).catch(() => undefined);
  }

  /** A checkpoint stands on the disk, at checkpointPath(): those of earlier attempts go. */
  checkpointed(id: string, attempt: number, progress: Progress): void {
    this.#noteCheckpoint(id, attempt, progress);
    const earlier = this.checkpointOf({ id, attempt: attempt - 1 });
    if (earlier !== null) void this.#fileSystem.remove(earlier).catch(() => undefined);
  }

  /** What the engine may decode before it is asked to paint it. */
  contentOf({ request, settings }: JobRecord): { picture: PictureFile; maxSide: number } {
    return { picture: this.#pictures.files(request, settings).content, maxSide: wantedSide(settings) };
  }

  /** Where the checkpoint of an attempt goes. */
  checkpointPath(id: string, attempt: number): string {
    return checkpointPath(this.#folders.checkpoints, id, attempt);
  }

  /** Of a frame of an animation. */
  shotOf({ batch }: Pick<JobRecord, "batch">): RunOrder["shot"] {
    if (batch === null || !this.#ledger.batches.isAnimation(batch.id)) return undefined;
    return { batch: batch.id, path: shotPath(this.#folders.checkpoints, batch.id) };
  }

  /** Resolves when the ledger knows, or this process ends before. */
  settled(id: string, attempt: number, outcome: Outcome): Promise<void> {
    const settling = this.#settleSurely(id, attempt, outcome).finally(() => {
      this.#settling.delete(settling);
      this.#forgetIfCancelled(id, attempt).catch((error: unknown) => {
        // What is kept of it is swept at the next start.
        this.#log({ event: "ledger-refused", job: id, code: codeOf(error) });
      });
      this.#wake();
    });
    this.#settling.add(settling);
    return settling;
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
  async #settleSurely(id: string, attempt: number, outcome: Outcome): Promise<void> {
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

  /** It may have said more before its child gave it up. What ends otherwise was cleaned up with its last step. */
  async #forgetIfCancelled(id: string, attempt: number): Promise<void> {
    if (this.#closed) return;
    const job = this.#ledger.jobs.step(id);
    if (job !== undefined && job.state !== "cancelled") return;
    this.#transitions.events.forget(id);
    await this.cleanUp({ id, attempt, batch: job?.batch ?? null });
  }

  #orderOf(job: JobRecord, attempt: number): RunOrder {
    const shot = this.shotOf(job);
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
      ...(shot !== undefined && { shot }),
      ...(job.batch !== null && { measure: true }),
      checkpointPath: checkpointPath(this.#folders.checkpoints, job.id, attempt),
      temporaryFolder: this.#folders.temporary,
    };
  }

  async #settle(id: string, attempt: number, outcome: Outcome): Promise<void> {
    switch (outcome.type) {
      case "finished":
        return await this.#takeOver(id, attempt, outcome);
      case "brought":
        return await this.#finish(id, attempt, outcome);
      case "failed":
        return this.#failed(id, attempt, outcome.error);
      case "released":
        return this.#released(this.#ledger.jobs.course(id), attempt);
      case "died":
        return this.#again(id, attempt, crashed(outcome.reason), stoodStill(outcome.reason));
    }
  }

  /** A crash or a failing disk: once more, but not for ever; and not on a graphics processor that never answered. */
  #again(id: string, attempt: number, error: ImpastoError, stalled = false): void {
    const job = this.#ledger.jobs.course(id);
    if (job?.state !== "running") return;
    const { pauseReason } = job;
    if (job.deaths + 1 >= (stalled ? MAX_STALLS : MAX_DEATHS)) {
      this.#transitions.fail(id, attempt, error);
      return;
    }
    const onCpu = stalled && (this.#progress.get(id)?.device ?? "cpu") !== "cpu";
    this.#transitions.requeue(id, attempt, { outcome: "died", pauseReason, ...(onCpu && { onCpu }) });
  }

  async #takeOver(id: string, attempt: number, { path, ...outcome }: Finished): Promise<void> {
    let bytes: number;
    try {
      bytes = await this.#pictures.adopt(path, outcome.sha256);
    } catch (error) {
      const known = error instanceof ImpastoError ? error : crashed(String(error));
      return known.code === "disk-full" ? this.#failed(id, attempt, known) : this.#again(id, attempt, known);
    }
    await this.#finish(id, attempt, { ...outcome, bytes });
  }

  async #finish(id: string, attempt: number, outcome: Made): Promise<void> {
    const { sha256, bytes, width, height, seconds, recipe } = outcome;
    const onCpu = this.#ledger.jobs.course(id)?.onCpu === true;
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
      ...(outcome.styleDistance !== undefined && { styleDistance: outcome.styleDistance }),
      stopped: recipe.stopped,
    };
    // Refused when the job was cancelled while its result was brought in: then nothing names the blob.
    if (!this.#transitions.finish(id, attempt, result, recipe)) await this.#pictures.dropUnreferenced([sha256]);
  }

  #failed(id: string, attempt: number, error: ImpastoError): void {
    const job = this.#ledger.jobs.course(id);
    if (error.code === "disk-full") {
      this.#transitions.pauseRunning(id, attempt, "disk-full");
      this.#room.start();
    } else if (isDeviceError(error) && job?.onCpu === false) {
      this.#transitions.requeue(id, attempt, { outcome: "retried", onCpu: true, pauseReason: job.pauseReason });
    } else {
      this.#transitions.fail(id, attempt, error);
    }
  }

  #released(job: JobCourse | undefined, attempt: number): void {
    if (job?.state !== "running" || job.attempt !== attempt) return;
    const unattended = job.detached || job.batch !== null;
    if (job.pauseReason !== null) this.#transitions.pauseRunning(job.id, attempt, job.pauseReason);
    else if (this.#closed && !unattended) this.#transitions.pauseRunning(job.id, attempt, "restart");
    else this.#transitions.requeue(job.id, attempt, { outcome: "retried" });
  }
}
