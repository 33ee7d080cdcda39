// How long a download waits before it gives up, and the loop that tries again with growing pauses.

import { setTimeout as sleep } from "node:timers/promises";
import { ImpastoError } from "../protocol/errors.ts";

export interface Patience {
  /** Attempts in a row without real progress before giving up. */
  attempts: number;
  /** First pause, doubled after each failure up to maxBackoffMs. */
  backoffMs: number;
  maxBackoffMs: number;
  /** A connection that brings less than minBytesPerSecond over this long is dropped and made anew. */
  stallMs: number;
  minBytesPerSecond: number;
}

/** Empirical: a home connection that comes back within a minute or so is survived. */
export const DEFAULT_PATIENCE: Patience = {
  attempts: 7,
  backoffMs: 500,
  maxBackoffMs: 20_000,
  stallMs: 20_000,
  minBytesPerSecond: 1024,
};

/** A failure that another attempt may cure. */
export class TransientError extends Error {
  override readonly name = "TransientError";
  /** What the server asked for in Retry-After. */
  readonly retryAfterMs: number;
  /** Nothing answered at all: no network, or a wrong name. */
  readonly unreachable: boolean;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number; unreachable?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? 0;
    this.unreachable = options.unreachable ?? false;
  }
}

export interface Retrying {
  reason: string;
  waitMs: number;
}

/**
 * Runs `attempt` until it succeeds. `position` tells the bytes that are safe so far: an attempt that brought a good
 * deal starts the count of failures anew. Throws ImpastoError("download-failed") in the end, "cancelled" on abort.
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  position: () => number,
  patience: Patience,
  hooks: { signal?: AbortSignal | undefined; onRetry?: ((retrying: Retrying) => void) | undefined },
): Promise<T> {
  const realProgressBytes = (2 * patience.minBytesPerSecond * patience.stallMs) / 1000;
  const start = position();
  let failures = 0;
  for (;;) {
    const before = position();
    try {
      throwIfCancelled(hooks.signal);
      return await attempt();
    } catch (error) {
      throwIfCancelled(hooks.signal);
      if (!(error instanceof TransientError)) throw error;
      failures = position() - before >= realProgressBytes ? 1 : failures + 1;
      // Where nothing ever answered there is little to wait for.
      const attempts = error.unreachable && position() === start ? Math.min(patience.attempts, 3) : patience.attempts;
      if (failures >= attempts) throw downloadFailed(error);
      const backoff = Math.min(patience.maxBackoffMs, patience.backoffMs * 2 ** (failures - 1));
      const waitMs = Math.max(Math.min(error.retryAfterMs, 60_000), backoff * (0.75 + Math.random() / 2));
      hooks.onRetry?.({ reason: error.message, waitMs });
      await sleep(waitMs, undefined, hooks.signal ? { signal: hooks.signal } : {}).catch(() => undefined);
    }
  }
}

function downloadFailed(error: TransientError): ImpastoError {
  return new ImpastoError("download-failed", `The download failed: ${error.message}.`, {
    hint: "Check the connection (and HTTPS_PROXY, if you are behind a proxy), then run the same command: it resumes where it stopped.",
    cause: error,
  });
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new ImpastoError("cancelled", "The download was stopped.", {
    hint: "What has arrived is kept: run the same command to resume.",
  });
}
