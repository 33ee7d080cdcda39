// The flags of the queue, alike for the companion and for its workers.

import type { Command } from "commander";
import { ImpastoError } from "../protocol/errors.ts";
import { parseQueueAddress, type QueueAddress } from "../queue/address.ts";
import { BUCKET_VARIABLE, type BucketAddress, parseBucketAddress } from "../queue/bucket.ts";

export interface QueueFlags {
  queue?: string;
  insecureQueue?: boolean;
  blobs?: string;
}

/** Where the address can stand instead, so that no list of processes shows the password in it. */
const VARIABLE = "IMPASTO_QUEUE";

export function addQueueFlags(command: Command, what: string): Command {
  return command
    .option("--queue <address>", `${what}, redis://[user:password@]host:6379/0 or rediss://… (also ${VARIABLE})`)
    .option("--insecure-queue", "also where the queue is another machine's without password and encryption")
    .option("--blobs <bucket>", `pictures and networks travel through s3://bucket/prefix (also ${BUCKET_VARIABLE})`);
}

/** Null where no queue is asked for. Throws ImpastoError("bad-request"). */
export function queueOf({ queue, insecureQueue }: QueueFlags): QueueAddress | null {
  const text = queue ?? process.env[VARIABLE];
  return text === undefined || text === "" ? null : parseQueueAddress(text, insecureQueue === true);
}

/** Null where pictures travel over HTTP. Throws ImpastoError("bad-request"). */
export function bucketOf({ blobs }: QueueFlags): BucketAddress | null {
  const text = blobs ?? process.env[BUCKET_VARIABLE];
  return text === undefined || text === "" ? null : parseBucketAddress(text);
}

/** Throws ImpastoError("bad-request") where there is none. */
export function requireQueue(flags: QueueFlags): QueueAddress {
  const address = queueOf(flags);
  if (address !== null) return address;
  throw new ImpastoError("bad-request", "A worker needs the address of its queue.", {
    hint: `Give --queue redis://host:6379/0, or set ${VARIABLE}: the same as the companion has.`,
  });
}
