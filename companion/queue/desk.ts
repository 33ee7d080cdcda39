// Where workers come to with what they found in the queue: gives jobs out, hands over what they need, and takes back
// what they made of them. The ledger decides; a worker that lost a job meanwhile is told so whatever it brings.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { Bytes } from "../job-service.ts";
import type { Attempts, Outcome } from "../jobs/attempts.ts";
import type { ElsewhereParts } from "../jobs/job-service.ts";
import { inputsOf, type JobCourse, type JobRecord, type Lease, type LeasedJob } from "../ledger/job-record.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type {
  Beat,
  BeatReply,
  Claim,
  ClaimReply,
  FinishedWork,
  Report,
  Wanted,
  WorkerList as Workers,
  WorkProgress,
} from "../protocol/work.ts";
import { type Chunks, createDurably, publish, temporaryPath } from "../storage/durable-file.ts";
import { storageError } from "../storage/file-system.ts";
import type { Held, WorkDesk } from "../work-desk.ts";
import type { Offers } from "./offers.ts";
import { rareDevice } from "./queue-names.ts";
import type { Shipments } from "./shipments.ts";
import { TooSmall } from "./too-small.ts";
import { WorkOrders } from "./work-orders.ts";
import type { WorkerList } from "./worker-list.ts";

export class Desk implements WorkDesk {
  readonly #parts: ElsewhereParts;
  readonly #attempts: Attempts;
  readonly #workers: WorkerList;
  readonly #offers: Offers;
  readonly #shipments: Shipments | null;
  readonly #orders: WorkOrders;
  readonly #tooSmall = new TooSmall();
  /** Attempts in work elsewhere, by job: progress comes often, and the ledger need not be asked each time. */
  readonly #running = new Map<string, number>();

  constructor(parts: ElsewhereParts, workers: WorkerList, offers: Offers, shipments: Shipments | null) {
    this.#parts = parts;
    this.#attempts = parts.attempts;
    this.#workers = workers;
    this.#offers = offers;
    this.#shipments = shipments;
    this.#orders = new WorkOrders(parts, shipments);
    for (const { id, attempt } of parts.ledger.work.leased()) this.#running.set(id, attempt);
  }

  beat(pairing: string, beat: Beat): BeatReply {
    const refused = this.#workers.heard(beat);
    const held = beat.held.map(({ job, attempt }) => {
      const record = this.#find({ pairing, worker: beat.worker, job, attempt });
      if (record === null) return { job, attempt, wanted: "cancel" as const, changes: [] };
      return { job, attempt, wanted: wantedOf(record), changes: changesOf(record) };
    });
    return { refused: refused?.toBody() ?? null, held };
  }

  async claim(pairing: string, claim: Claim): Promise<ClaimReply> {
    const { worker, job: id, entry, start } = claim;
    const name = this.#workers.admitted(worker);
    const { ledger, transitions } = this.#parts;
    const lease: Lease = { worker, name, pairing, entry, start };
    const found = ledger.jobs.course(id);
    // Nothing is said to be taken: the offer is missed after a while, and made again.
    if (found?.state === "queued" && this.#leaves(id, worker)) return { type: "leave" };
    // The answer to this claim was lost on its way.
    const isRepeated = found?.state === "running" && found.lease !== null && sameLease(found.lease, lease);
    if (isRepeated) return await this.#handOut(id, found.attempt);
    if (found?.state === "running" && isLeased(found) && this.#hasPassedTo(found, claim)) await this.#lost(found);
    const attempt = this.#mustWait(found) ? null : transitions.claim(id, lease);
    this.#offers.taken(id);
    if (attempt === null) return { type: "nothing" };
    this.#running.set(id, attempt);
    this.#workers.gave(worker, id, attempt);
    return await this.#handOut(id, attempt);
  }

  async blob(held: Held, sha256: string): Promise<Bytes> {
    const job = this.#requireWhole(held);
    const opened = inputsOf(job.request).includes(sha256) ? await this.#parts.pictures.open(sha256) : null;
    if (opened === null) throw new ImpastoError("not-found", "This job has no such picture.");
    return { ...opened, contentType: "application/octet-stream" };
  }

  async network(held: Held, sha256: string): Promise<Bytes> {
    const path = await this.#orders.networkPath(this.#requireWhole(held), sha256);
    if (path !== null) return await bytesOf(path);
    throw new ImpastoError("not-found", "This job needs no such network.");
  }

  async checkpoint(held: Held): Promise<Bytes> {
    this.#require(held);
    const path = this.#attempts.checkpointOf({ id: held.job, attempt: held.attempt - 1 });
    if (path === null) throw new ImpastoError("not-found", "This job has no checkpoint.");
    return await bytesOf(path);
  }

  async keepCheckpoint(held: Held, stream: Readable): Promise<void> {
    await this.#keepState(held, stream, this.#attempts.checkpointPath(held.job, held.attempt));
  }

  async shot(held: Held): Promise<Bytes> {
    return await bytesOf(this.#shotPath(held));
  }

  async keepShot(held: Held, stream: Readable): Promise<void> {
    await this.#keepState(held, stream, this.#shotPath(held));
  }

  async keepPreview(held: Held, stream: Readable, size: { width: number; height: number }): Promise<void> {
    this.#require(held);
    const path = await this.#receive(stream, this.#parts.folders.temporary, "a preview");
    if (this.#find(held) === null) await this.#parts.fileSystem.remove(path).catch(() => undefined);
    else this.#attempts.preview(held.job, { path, ...size });
  }

  async finish(held: Held, finished: FinishedWork, picture: Chunks): Promise<void> {
    this.#require(held);
    const { job, attempt } = held;
    const { inBucket, ...outcome } = finished;
    const chunks = inBucket ? [await this.#takeFromBucket(outcome.sha256)] : picture;
    const bytes = await this.#parts.pictures.putResult(outcome.sha256, chunks);
    await this.#settled(job, attempt, { ...outcome, type: "brought", bytes });
  }

  async report(pairing: string, job: string, report: Report): Promise<void> {
    const { worker, attempt } = report;
    if (this.#find({ pairing, worker, job, attempt }) === null) return;
    switch (report.type) {
      case "checkpoint":
        this.#attempts.checkpointed(job, attempt, report.progress);
        return;
      case "failed":
        return await this.#failed(job, attempt, worker, ImpastoError.fromBody(report.error));
      case "died":
        return await this.#settled(job, attempt, { type: "died", reason: report.reason });
      case "released":
        return await this.#settled(job, attempt, { type: "released", job, attempt });
    }
  }

  workers(): Workers {
    const jobsOf = new Map<string, string[]>();
    for (const { id, lease } of this.#parts.ledger.work.leased()) {
      jobsOf.set(lease.worker, [...(jobsOf.get(lease.worker) ?? []), id]);
    }
    const { reachable, trouble } = this.#offers;
    return { queue: reachable ? "reachable" : "unreachable", trouble, workers: this.#workers.list(jobsOf) };
  }

  /** What came over Redis about a job in work. */
  progress({ job, attempt, progress }: WorkProgress): void {
    if (this.#running.get(job) === attempt) this.#attempts.progress(job, progress);
  }

  /** What is still told of it concerns nobody. */
  forget(job: string): void {
    this.#running.delete(job);
    this.#tooSmall.forget(job);
  }

  /** Jobs that their worker has no more and that the queue has lost, too, so that nobody else will bring them. */
  async findLost(): Promise<void> {
    for (const job of this.#parts.ledger.work.leased()) {
      if (this.#isHeld(job)) continue;
      if (!(await this.#offers.stands(job.lease.entry))) await this.#lost(job);
    }
  }

  /**
   * A queue gives an entry to a second worker when the first one lost its hold on it, and an offer may have been
   * repeated. Neither says that the first worker has stopped: where it is still at the job, it goes on.
   */
  #hasPassedTo(job: LeasedJob, { entry, start }: Claim): boolean {
    if (this.#isHeld(job)) return false;
    return job.lease.entry !== entry || start > job.lease.start;
  }

  #isHeld({ id, attempt, lease }: LeasedJob): boolean {
    return this.#workers.holds(lease.worker, id, attempt);
  }

  async #lost({ id, attempt, lease: { name } }: LeasedJob): Promise<void> {
    this.#parts.log({ event: "worker-lost", job: id, attempts: attempt, worker: name });
    await this.#settled(id, attempt, { type: "died", reason: `the worker ${name} was lost` });
  }

  async #failed(job: string, attempt: number, worker: string, error: ImpastoError): Promise<void> {
    if (error.code === "out-of-memory") this.#tooSmall.failed(job, worker);
    const goesOn = this.#leaves(job, worker);
    await this.#settled(job, attempt, goesOn ? { type: "released", job, attempt } : { type: "failed", error });
  }

  /** Whether it was too much for this worker's memory, and another one may have more. */
  #leaves(id: string, worker: string): boolean {
    return this.#tooSmall.leaves(id, worker, () => {
      const job = this.#parts.ledger.jobs.find(id);
      return this.#workers.idsAtWork(job === undefined || job.onCpu ? null : rareDevice(job.settings.device));
    });
  }

  async #settled(job: string, attempt: number, outcome: Outcome): Promise<void> {
    this.#running.delete(job);
    if (outcome.type === "brought" || outcome.type === "failed") this.#tooSmall.forget(job);
    await this.#attempts.settled(job, attempt, outcome);
  }

  async #handOut(id: string, attempt: number): Promise<ClaimReply> {
    // Not below: a ledger that cannot be read just now is no fault of the job's, and its worker asks again.
    const job = this.#parts.ledger.jobs.find(id);
    if (job === undefined) return { type: "nothing" };
    try {
      const order = this.#attempts.order(job, attempt);
      if (order === null) return { type: "nothing" };
      return { type: "work", order: await this.#orders.make(job, order) };
    } catch (error) {
      const known = error instanceof ImpastoError ? error : new ImpastoError("internal", String(error));
      await this.#settled(id, attempt, { type: "failed", error: known });
      return { type: "nothing" };
    }
  }

  /** Of an animation, while another one is in work: an entry of the queue may be older than that. */
  #mustWait(job: JobCourse | undefined): boolean {
    if (job?.batch == null || job.state !== "queued") return false;
    const { work, batches } = this.#parts.ledger;
    return batches.isAnimation(job.batch.id) && work.isRunning(job.batch.id);
  }

  async #takeFromBucket(sha256: string): Promise<Uint8Array> {
    if (this.#shipments === null) throw new ImpastoError("not-found", "This companion has no bucket.");
    return await this.#shipments.take(sha256);
  }

  #shotPath(held: Held): string {
    const shot = this.#attempts.shotOf(this.#require(held));
    if (shot !== undefined) return shot.path;
    throw new ImpastoError("not-found", "This job is no frame of an animation.");
  }

  async #keepState(held: Held, stream: Readable, path: string): Promise<void> {
    const { fileSystem, folders } = this.#parts;
    this.#require(held);
    const temporary = await this.#receive(stream, folders.checkpoints, "a checkpoint");
    try {
      // It may be another's by now.
      this.#require(held);
      await publish(fileSystem, temporary, path);
    } catch (error) {
      await fileSystem.remove(temporary).catch(() => undefined);
      throw error;
    }
  }

  async #receive(stream: Readable, folder: string, what: string): Promise<string> {
    const path = temporaryPath(folder);
    try {
      await createDurably(this.#parts.fileSystem, path, stream as Chunks);
      return path;
    } catch (error) {
      throw storageError(error, what);
    }
  }

  #require(held: Held): JobCourse {
    const job = this.#find(held);
    if (job !== null) return job;
    throw new ImpastoError("conflict", "This job is not this worker's any more.");
  }

  #requireWhole(held: Held): JobRecord {
    this.#require(held);
    const job = this.#parts.ledger.jobs.find(held.job);
    if (job !== undefined) return job;
    throw new ImpastoError("not-found", "There is no such job.");
  }

  #find({ pairing, worker, job, attempt }: Held): JobCourse | null {
    const record = this.#parts.ledger.jobs.course(job);
    const isHeld =
      record?.state === "running" &&
      record.attempt === attempt &&
      record.lease?.worker === worker &&
      record.lease.pairing === pairing;
    return isHeld ? record : null;
  }
}

function isLeased(job: JobCourse): job is JobCourse & LeasedJob {
  return job.lease !== null;
}

function sameLease(a: Lease, b: Lease): boolean {
  return a.worker === b.worker && a.pairing === b.pairing && a.entry === b.entry && a.start === b.start;
}

function wantedOf({ stopWanted, pauseReason }: JobCourse): Wanted {
  if (stopWanted) return "stop";
  return pauseReason === null ? "run" : "pause";
}

/** Those that an order has, and what came since. */
function changesOf({ changes, recipe }: JobCourse): JobCourse["changes"] {
  return changes.slice(recipe?.changes.length ?? 0);
}

async function bytesOf(path: string): Promise<Bytes> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new ImpastoError("not-found", "It is no longer there.", { cause });
  });
  return { stream: createReadStream(path), bytes: size, contentType: "application/octet-stream" };
}
