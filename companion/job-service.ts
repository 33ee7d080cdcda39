// What the HTTP face needs from the durable side: the one interface between companion/server and companion/jobs.
// Everything here may be called at any time until close(); every method throws ImpastoError only.

import type { Readable } from "node:stream";
import type { Batch, BatchChange, BatchEvent, BatchRequest, BatchSummary } from "./protocol/batches.ts";
import type { Device } from "./protocol/devices.ts";
import type { JobState } from "./protocol/job-states.ts";
import type { Job, JobChange, JobEvent, JobRequest } from "./protocol/jobs.ts";
import type { Learning, LearningChange, LearningRequest } from "./protocol/learnings.ts";
import type { Model, NewModel } from "./protocol/models.ts";
import type { Doctor, NetworkInfo, PullEvent } from "./protocol/networks.ts";
import type { Plan } from "./protocol/plan.ts";
import type { PictureRef } from "./protocol/request-schema.ts";

export interface SubmitOptions {
  /** The same key with the same request gives the same job again; with another request: "conflict". */
  idempotencyKey: string;
  /** Id of the pairing that asked; kept for the list of pairings, never a right to see or change. */
  owner: string;
}

export interface LiveOptions {
  owner: string;
  signal: AbortSignal;
}

/** The bytes of a picture, or for workers of another file, as they go out. */
export interface Bytes {
  stream: Readable;
  bytes: number;
  contentType: "image/png" | "image/jpeg" | "application/octet-stream";
  /** What a person should know of it. */
  notes?: readonly string[];
}

export interface Blob {
  sha256: string;
  bytes: number;
  /** False when the same picture was there before. */
  created: boolean;
}

/** Ends a subscription; safe to call twice. */
export type Unsubscribe = () => void;

export interface JobFilter {
  state?: JobState;
  batch?: string;
  before?: string;
  /** Only pictures that are still there; of a batch its latest, unless it is asked for. */
  kept?: "yes";
  limit: number;
}

/** Styles that are learned; every method throws "not-found" for an unknown id. */
export interface LearningDesk {
  /** Begins. "not-found" when a picture was not uploaded, "busy" while another is being learned, "bad-setting". */
  submit(request: LearningRequest): Promise<Learning>;
  /** Newest first. */
  list(): Learning[];
  get(id: string): Learning;
  /** "conflict" when it is over; a failed one may be resumed. */
  change(id: string, change: LearningChange): Learning;
  /** Ends it where it is being learned, and removes it. */
  remove(id: string): Promise<Learning>;
  /** JPEG. "not-found" before there is one. */
  preview(id: string): Promise<Bytes>;
  /** JPEG; of several that one alone where it is named, from 1. "conflict" while it is not learned. */
  result(id: string, style?: number): Promise<Bytes>;
}

export interface JobService {
  /**
   * Stores a picture. Reads `stream` to its end while hashing; nothing remains when it throws "hash-mismatch",
   * "payload-too-large", "disk-full", "unsupported-picture" (magic bytes), "picture-too-large" (header) or
   * when the stream fails. `declaredBytes` is the Content-Length, where there was one.
   */
  putBlob(sha256: string, stream: Readable, declaredBytes: number | undefined): Promise<Blob>;
  hasBlob(sha256: string): boolean;

  /** Resolves once the job is on disk. "not-found" when a picture was not uploaded, "bad-setting", "disk-full". */
  submit(request: JobRequest, options: SubmitOptions): Promise<{ job: Job; created: boolean }>;
  /** Newest first; `before`: the id of a job, for those that are older. "not-found" when that job is gone. */
  list(filter: JobFilter): Job[];
  /** "not-found" */
  get(id: string): Job;
  /** "not-found", "bad-setting" (unknown, or not live while running), "conflict" when the job is over. */
  change(id: string, change: JobChange): Promise<Job>;
  /** An unfinished job ends as cancelled; a finished one is left as it is. "not-found". */
  cancel(id: string): Promise<Job>;
  /** Cancels if need be, then removes the record and its result. "not-found". */
  remove(id: string): Promise<void>;
  /** The PNG. "not-found" for an unknown id or a purged result, "conflict" while there is none. */
  result(id: string): Promise<Bytes>;
  /** The same small, PNG. Errors as result(). */
  thumbnail(id: string): Promise<Bytes>;
  /** The latest preview if its number is `sequence` or higher; else "not-found". */
  preview(id: string, sequence: number): Promise<Bytes & { sequence: number }>;
  /**
   * Calls `listener` with every kept event whose sequence is above `after` (at once, before returning), then
   * with each new one, in order. The listener never throws and never blocks. "not-found".
   */
  watch(id: string, after: number, listener: (event: JobEvent) => void): Unsubscribe;
  /** Nobody watches the job any more: pause after CLIENT_GONE_PAUSE_MS, cancel after CLIENT_GONE_CANCEL_MS. */
  clientGone(id: string): void;
  /** Somebody watches again: stops those clocks, resumes what they had paused. */
  clientBack(id: string): void;

  /** Expected size, seconds and bytes; starts nothing. Errors as submit. */
  plan(request: JobRequest): Promise<Plan>;
  /**
   * How the request would look: a PNG that stands in no ledger and on no disk. "busy" while a job is in work here or when
   * one begins, "cancelled" once the signal aborts or the same owner asks for another; else errors as submit.
   */
  live(request: JobRequest, options: LiveOptions): Promise<Bytes>;
  /** A picture that was sent, as JPEG or PNG; kept nowhere. "not-found", or what is wrong with it. */
  convert(picture: PictureRef): Promise<Bytes>;

  submitBatch(request: BatchRequest, options: SubmitOptions): Promise<{ batch: Batch; created: boolean }>;
  listBatches(limit: number): BatchSummary[];
  getBatch(id: string): Batch;
  changeBatch(id: string, change: BatchChange): Promise<Batch>;
  /** Cancels every unfinished frame; finished ones keep their results. */
  cancelBatch(id: string): Promise<Batch>;
  removeBatch(id: string): Promise<void>;
  watchBatch(id: string, after: number, listener: (event: BatchEvent) => void): Unsubscribe;

  devices(): Promise<Device[]>;
  networks(): Promise<NetworkInfo[]>;
  /** Starts the download, or joins the one under way. "network-unknown". */
  pullNetwork(name: string): Promise<NetworkInfo>;
  /** As watch; "not-found" when no download was started since the companion did. */
  watchPull(name: string, after: number, listener: (event: PullEvent) => void): Unsubscribe;
  readonly learnings: LearningDesk;
  models(): Promise<Model[]>;
  /**
   * Reads `stream` to its end, looks the network through and keeps it. "conflict" where the name is taken, "busy" while
   * another is looked through, "bad-request" for a bad descriptor, "bad-network", "payload-too-large", "disk-full",
   * "out-of-memory", "engine-crashed", and "cancelled" once the signal aborts; nothing remains then.
   */
  addModel(
    model: NewModel,
    stream: Readable,
    options: { declaredBytes: number | undefined; signal: AbortSignal },
  ): Promise<Model>;
  /** "network-unknown" */
  removeModel(name: string): Promise<void>;
  doctor(): Promise<Doctor>;

  /** Checkpoints what runs, ends the child, closes the ledger. */
  close(): Promise<void>;
}
