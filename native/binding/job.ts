// A job of the addon as a run: its events as a promise and callbacks, its end by a signal.

import type { Preview } from "../../companion/protocol/engine.ts";
import { ImpastoError } from "../../companion/protocol/errors.ts";
import { type AddonEvents, type AddonJob, toImpastoError } from "./load.ts";

export interface StartedJob<R> {
  /** Rejects with ImpastoError("cancelled") after the signal aborted. */
  result: Promise<R>;
  pause(): void;
  resume(): void;
  stop(): void;
  preview(): Promise<Preview | null>;
  checkpoint(): Promise<Uint8Array | null>;
  /** None where the signal had aborted before it could start. */
  job?: AddonJob;
}

export function startJob<R>(
  signal: AbortSignal | undefined,
  start: (events: AddonEvents<R>) => AddonJob,
  callbacks: Omit<AddonEvents<R>, "done" | "failed">,
): StartedJob<R> {
  if (signal?.aborted) return abortedJob(Promise.reject(cancelled(signal)));
  const settle: { resolve?: (result: R) => void; reject?: (error: unknown) => void } = {};
  const result = new Promise<R>((resolve, reject) => {
    settle.resolve = resolve;
    settle.reject = reject;
  });
  const job = start({
    ...callbacks,
    done: (outcome) => {
      signal?.removeEventListener("abort", abort);
      settle.resolve?.(outcome);
    },
    failed: (error) => {
      signal?.removeEventListener("abort", abort);
      const known = toImpastoError(error);
      const aborted = known instanceof ImpastoError && known.code === "cancelled";
      settle.reject?.(aborted ? cancelled(signal) : known);
    },
  });
  const abort = () => job.cancel();
  signal?.addEventListener("abort", abort, { once: true });
  return {
    result,
    pause: () => job.pause(),
    resume: () => job.resume(),
    stop: () => job.stop(),
    preview: () => convertErrors(job.preview()),
    checkpoint: () => convertErrors(job.checkpoint()),
    job,
  };
}

function abortedJob<R>(result: Promise<R>): StartedJob<R> {
  const nothing = () => {};
  return {
    result,
    pause: nothing,
    resume: nothing,
    stop: nothing,
    preview: () => Promise.resolve(null),
    checkpoint: () => Promise.resolve(null),
  };
}

/** A callback's error is the caller's own: an uncaught exception, which keeps neither other callbacks nor the result back. */
export function callBack<T>(callback: ((value: T) => void) | undefined, value: T): void {
  try {
    callback?.(value);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

export async function convertErrors<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw toImpastoError(error);
  }
}

function cancelled(signal: AbortSignal | undefined): ImpastoError {
  return new ImpastoError("cancelled", "The run was cancelled.", { cause: signal?.reason });
}
