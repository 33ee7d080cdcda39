// Threads and processes that the system refuses: one sentence for them, whichever library has met it.

import { ImpastoError } from "./protocol/errors.ts";

/** libuv's, GLib's and the C library's ways to say so. */
const REFUSALS = /\bEAGAIN\b|Resource temporarily unavailable|(?:creating|create) thread/i;

export function isThreadRefusal(error: unknown): boolean {
  return REFUSALS.test(error instanceof Error ? error.message : String(error));
}

export function outOfThreads(cause: unknown): ImpastoError {
  return new ImpastoError("out-of-threads", "The system lets Impasto start no more threads.", {
    hint: "Close other programs, or raise the limit: `ulimit -u`, `ulimit -v`, or the container's limit of processes (pids).",
    cause,
  });
}
