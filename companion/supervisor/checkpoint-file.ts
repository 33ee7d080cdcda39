// A checkpoint on disk: what the engine needs to go on, bound to its job and guarded by a checksum, so that a
// damaged or foreign file means a fresh start and never a wrong picture.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { replaceDurably } from "../storage/durable-file.ts";
import type { FileSystem } from "../storage/file-system.ts";

const MAGIC = Buffer.from("IMPASTO-CKPT-1\n\0");
const JOB_BYTES = 32;
const HASH_BYTES = 32;

/** One file for each attempt: a child that was given up cannot write over its successor's. */
export function checkpointPath(folder: string, job: string, attempt: number): string {
  return join(folder, `${job}.${attempt}`);
}

/** What the latest frame of an animation left for the next one; the batch stands for the job. */
export function shotPath(folder: string, batch: string): string {
  return join(folder, `${batch}.shot`);
}

/** Replaces the file at `path` whole; on the disk when it returns. */
export async function writeCheckpoint(
  fileSystem: FileSystem,
  path: string,
  job: string,
  state: Uint8Array,
): Promise<void> {
  const head = Buffer.concat([MAGIC, Buffer.from(job, "latin1")]);
  const hash = createHash("sha256").update(head).update(state).digest();
  await replaceDurably(fileSystem, path, [head, state, hash]);
}

/** Null when there is no whole checkpoint of this job at `path`. */
export async function readCheckpoint(fileSystem: FileSystem, path: string, job: string): Promise<Uint8Array | null> {
  let bytes: Uint8Array;
  try {
    bytes = await fileSystem.read(path);
  } catch {
    return null;
  }
  const head = Buffer.concat([MAGIC, Buffer.from(job, "latin1")]);
  const stateEnd = bytes.length - HASH_BYTES;
  if (stateEnd < MAGIC.length + JOB_BYTES || !head.equals(bytes.subarray(0, head.length))) return null;
  const hash = createHash("sha256").update(bytes.subarray(0, stateEnd)).digest();
  return hash.equals(bytes.subarray(stateEnd)) ? bytes.subarray(head.length, stateEnd) : null;
}
