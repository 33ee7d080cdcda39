// One attempt that a worker has in work: runs it on an engine, passes on what it tells, and brings its outcome home.

import { readFile, rm } from "node:fs/promises";
import { codeOf } from "../jobs/attempts.ts";
import { type ErrorCode, ImpastoError } from "../protocol/errors.ts";
import type { Progress } from "../protocol/progress.ts";
import type { SettingsChange } from "../protocol/recipe.ts";
import type { BeatReply, FinishedWork, Report, WorkOrder } from "../protocol/work.ts";
import type { Finished, RunOrder } from "../supervisor/messages.ts";
import type { EngineSupervisor, RunOutcome } from "../supervisor/supervisor.ts";
import { fetchOrder, sharedBucket, type Workplace } from "./fetch-order.ts";
import { Latest } from "./latest.ts";

type Outcome = Finished | Reported;
type Reported = DistributiveOmit<Exclude<Report, { type: "checkpoint" }>, "worker" | "attempt">;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Of its disk, and of how many files may be open: nothing that the job could help. */
const OF_THIS_MACHINE: readonly ErrorCode[] = ["disk-full", "file-not-writable", "busy"];
/** People see no more steps a second than this. */
const PROGRESS_EVERY_MS = 100;

export class HeldJob {
  readonly #order: WorkOrder;
  readonly #place: Workplace;
  readonly #engine: EngineSupervisor;
  readonly #log: (event: Record<string, unknown>) => void;
  readonly #abort = new AbortController();
  readonly #progress: Latest<Progress>;
  readonly #previews = new Latest((preview: Preview) => this.#sendPreview(preview));
  readonly #checkpoints = new Latest((progress: Progress) => this.#sendCheckpoint(progress));
  /** Changes of settings that the engine knows of. */
  #told: number;
  #run: RunOrder | null = null;
  /** No longer this worker's: nobody waits for its outcome. */
  #abandoned = false;
  #pausing = false;
  #stopping: boolean;
  #ownFailure: ImpastoError | null = null;

  /** `tellProgress` never rejects. */
  constructor(
    order: WorkOrder,
    place: Workplace,
    engine: EngineSupervisor,
    parts: { log: (event: Record<string, unknown>) => void; tellProgress: (progress: Progress) => Promise<void> },
  ) {
    this.#order = order;
    this.#place = place;
    this.#engine = engine;
    this.#log = parts.log;
    this.#progress = new Latest(parts.tellProgress, PROGRESS_EVERY_MS);
    this.#told = order.changes.length;
    this.#stopping = order.stop;
  }

  get key(): { job: string; attempt: number } {
    return { job: this.#order.job, attempt: this.#order.attempt };
  }

  /** Why it was given back: what this machine lacks, and another one may have. */
  get ownFailure(): ImpastoError | null {
    return this.#ownFailure;
  }

  /** Resolves when the companion knows the outcome, or wants none. `signal`: this worker must be gone. */
  async work(signal: AbortSignal): Promise<void> {
    const end = () => this.#abort.abort();
    signal.addEventListener("abort", end, { once: true });
    let outcome: Outcome | null = null;
    try {
      outcome = await this.#paint();
      await Promise.all([this.#previews.idle(), this.#checkpoints.idle()]);
      if (!this.#abandoned) await this.#deliver(outcome);
    } catch (error) {
      // Whoever looks into the queue next finds the job there.
      this.#log({ event: "job-given-up", job: this.#order.job, code: codeOf(error) });
    } finally {
      signal.removeEventListener("abort", end);
      const { checkpointPath, resumeFrom, shot } = this.#run ?? {};
      const result = outcome?.type === "finished" ? outcome.path : undefined;
      for (const path of [checkpointPath, resumeFrom, shot?.path, result]) if (path) await rm(path, { force: true });
    }
  }

  /** What the companion wants of it now; may be said again and again. */
  hear({ wanted, changes }: BeatReply["held"][number]): void {
    if (wanted === "cancel") this.#abandon();
    for (const change of changes.slice(this.#told)) this.#change(change);
    if (wanted === "pause") this.pause();
    if (wanted === "stop" && !this.#stopping) {
      this.#stopping = true;
      this.#engine.stop(this.#order.job);
    }
  }

  /** Puts it aside, for whoever takes it up next. */
  pause(): void {
    if (this.#pausing) return;
    this.#pausing = true;
    this.#engine.pause(this.#order.job);
  }

  #abandon(): void {
    if (this.#abandoned) return;
    this.#abandoned = true;
    this.#abort.abort();
    this.#engine.cancel(this.#order.job);
  }

  #change(change: SettingsChange): void {
    this.#told += 1;
    if (this.#run === null) this.#order.changes.push(change);
    else this.#engine.update(this.#order.job, change);
  }

  async #paint(): Promise<Outcome> {
    try {
      this.#run = await fetchOrder(this.#order, this.#place, this.#abort.signal);
    } catch (error) {
      if (!(error instanceof ImpastoError)) throw error;
      if (error.code === "conflict") this.#abandoned = true;
      if (error.code === "cancelled") return { type: "released" };
      return this.#failed(error);
    }
    if (this.#abandoned || this.#pausing) return { type: "released" };
    const run = { ...this.#run, stop: this.#stopping };
    const outcome = await new Promise<RunOutcome>((settled) => {
      this.#engine.run(run, {
        progress: (progress) => this.#progress.put(progress),
        preview: (preview) => {
          const replaced = this.#previews.put(preview);
          if (replaced !== null) void rm(replaced.path, { force: true });
        },
        checkpoint: (progress) => this.#checkpoints.put(progress),
        settled,
      });
    });
    return this.#outcomeOf(outcome);
  }

  #failed(error: ImpastoError): Outcome {
    if (!OF_THIS_MACHINE.includes(error.code)) return { type: "failed", error: error.toBody() };
    this.#ownFailure = error;
    return { type: "released" };
  }

  #outcomeOf(outcome: RunOutcome): Outcome {
    switch (outcome.type) {
      case "failed":
        return this.#failed(outcome.error);
      case "finished":
        return outcome;
      case "died":
        // An engine that had to be ended for the pause did nothing wrong.
        return this.#pausing ? { type: "released" } : { type: "died", reason: outcome.reason };
      case "released":
        return { type: "released" };
    }
  }

  /** Of an animation, for whoever paints its next frame. */
  async #leaveShot(): Promise<void> {
    const { shot } = this.#run ?? {};
    const body = shot && (await readFile(shot.path).catch(() => null));
    if (!body) return;
    const { link } = this.#place;
    const { signal } = this.#abort;
    const ask = { params: { id: this.#order.job }, query: this.#query, signal, body };
    await link.patiently(() => link.send("workShotPut", ask), signal);
  }

  async #deliver(outcome: Outcome): Promise<void> {
    if (outcome.type !== "finished") return await this.#report(outcome);
    try {
      await this.#bringHome(outcome);
    } catch (error) {
      if (!(error instanceof ImpastoError) || error.code === "cancelled") throw error;
      // Another worker's by now.
      if (error.code === "conflict") return;
      await this.#report({ type: "failed", error: error.toBody() });
    }
  }

  async #report(outcome: Reported): Promise<void> {
    const { link, worker } = this.#place;
    const { job, attempt } = this.#order;
    const body = { ...outcome, worker, attempt };
    // Not to be given up for a pause: the companion has to know. The end of this process is another matter.
    await link.patiently(() => link.send("workReport", { params: { id: job }, body }), this.#abort.signal);
  }

  async #bringHome({ type: _type, job: _job, attempt: _attempt, path, ...finished }: Finished): Promise<void> {
    const bytes = await readFile(path);
    await this.#leaveShot();
    if (await this.#putIntoBucket(finished.sha256, bytes)) {
      try {
        await this.#finish({ ...finished, inBucket: true });
        return;
      } catch (error) {
        if (!(error instanceof ImpastoError) || error.code !== "not-found") throw error;
      }
    }
    await this.#finish({ ...finished, inBucket: false }, bytes);
  }

  async #finish(finished: FinishedWork, picture: Uint8Array = new Uint8Array()): Promise<void> {
    const { link } = this.#place;
    const { signal } = this.#abort;
    const body = Buffer.concat([Buffer.from(`${JSON.stringify(finished)}\n`), picture]);
    const ask = { params: { id: this.#order.job }, query: this.#query, signal, body };
    await link.patiently(() => link.send("workFinish", ask), signal);
  }

  /** False where the companion must get it over HTTP. */
  async #putIntoBucket(sha256: string, bytes: Uint8Array): Promise<boolean> {
    const bucket = sharedBucket(this.#order, this.#place);
    if (bucket === null) return false;
    return await bucket.put(sha256, bytes).then(
      () => true,
      (error: unknown) => {
        this.#log({ event: "bucket-refused", job: this.#order.job, code: codeOf(error) });
        return false;
      },
    );
  }

  async #sendPreview({ path, width, height }: Preview): Promise<void> {
    try {
      const query = { ...this.#query, width: String(width), height: String(height) };
      const body = await readFile(path);
      await this.#place.link.send("workPreviewPut", { params: { id: this.#order.job }, query, body });
    } catch {
      // Nothing depends on a preview; the next one may come through.
    } finally {
      await rm(path, { force: true });
    }
  }

  /** A failure makes only a crash dearer. */
  async #sendCheckpoint(progress: Progress): Promise<void> {
    const { link, worker } = this.#place;
    const { job, attempt } = this.#order;
    try {
      const body = await readFile(this.#run?.checkpointPath ?? "");
      const send = () => link.send("workCheckpointPut", { params: { id: job }, query: this.#query, body });
      // The one of a pause is the last: there will be none that makes up for it.
      if (this.#pausing) await link.patiently(send, this.#abort.signal);
      else await send();
      await link.send("workReport", { params: { id: job }, body: { type: "checkpoint", worker, attempt, progress } });
    } catch (error) {
      this.#log({ event: "checkpoint-kept-back", job, code: codeOf(error) });
    }
  }

  get #query(): { worker: string; attempt: string } {
    return { worker: this.#place.worker, attempt: String(this.#order.attempt) };
  }
}

interface Preview {
  path: string;
  width: number;
  height: number;
}
