// What the HTTP face needs where other machines do the work: the interface between companion/server and
// companion/queue. Every method throws ImpastoError only; "conflict" where a job is not the asking worker's.

import type { Readable } from "node:stream";
import type { Bytes } from "./job-service.ts";
import type { Beat, BeatReply, Claim, ClaimReply, FinishedWork, Report, WorkerList } from "./protocol/work.ts";
import type { Chunks } from "./storage/durable-file.ts";

/** An attempt that a worker has in work. */
export interface Held {
  /** Id of the pairing whose session asks. */
  pairing: string;
  worker: string;
  job: string;
  attempt: number;
}

export interface WorkDesk {
  /** A worker is there. Says which of its jobs should do what. */
  beat(pairing: string, beat: Beat): BeatReply;
  /** Makes the job the worker's, unless there is nothing to do. */
  claim(pairing: string, claim: Claim): Promise<ClaimReply>;
  /** A picture of the job, as it was sent. */
  blob(held: Held, sha256: string): Promise<Bytes>;
  /** A network that the job needs. */
  network(held: Held, sha256: string): Promise<Bytes>;
  /** The checkpoint that the attempt goes on from. */
  checkpoint(held: Held): Promise<Bytes>;
  /** What the frame before left. Throws "not-found" where the job is no frame of an animation, or the first. */
  shot(held: Held): Promise<Bytes>;
  /** What this frame leaves for the next one; before its result, so that a frame that is done twice goes on with itself. */
  keepShot(held: Held, stream: Readable): Promise<void>;
  keepCheckpoint(held: Held, stream: Readable): Promise<void>;
  keepPreview(held: Held, stream: Readable, size: { width: number; height: number }): Promise<void>;
  /** Resolves when picture and outcome are on the disk. Throws "not-found" where the picture is not in the bucket. */
  finish(held: Held, finished: FinishedWork, picture: Chunks): Promise<void>;
  /** Resolves when the ledger knows. One that comes too late changes nothing. */
  report(pairing: string, job: string, report: Report): Promise<void>;
  workers(): WorkerList;
}
