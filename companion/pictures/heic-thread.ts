// HEIC decoded in a thread that is ended when it takes too long.

import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { packageRoot } from "../package-root.ts";
import { type ErrorBody, ImpastoError } from "../protocol/errors.ts";
import type { Samples } from "./samples.ts";

export interface HeicOrder {
  bytes: Uint8Array;
  /** How to call the file in a message. */
  name: string;
}

export interface DecodedHeic {
  samples: Samples;
  /** As many pictures as the file holds. */
  pages: number;
}

export type HeicAnswer =
  | ({ kind: "decoded" } & DecodedHeic)
  | { kind: "refused"; error: ErrorBody }
  | { kind: "failed"; words: string };

/** As for the other decoders; a photo of 48 megapixels takes a few seconds. */
const LIMIT_MS = 30_000;

/** Rejects with ImpastoError, or with the decoder's own words. */
export function decodeInThread(
  order: HeicOrder,
  { script = join(packageRoot(), "dist", "heic-decoder.js"), limitMs = LIMIT_MS } = {},
): Promise<DecodedHeic> {
  return new Promise((resolve, reject) => {
    const bytes = new Uint8Array(order.bytes);
    const workerData: HeicOrder = { ...order, bytes };
    const thread = new Worker(script, { workerData, transferList: [bytes.buffer], stdout: true, stderr: true });
    const finish = (settle: () => void) => {
      clearTimeout(limit);
      void thread.terminate();
      settle();
    };
    const limit = setTimeout(() => finish(() => reject(new Error("timeout: the decoder was ended"))), limitMs);
    thread.once("message", (answer: HeicAnswer) =>
      finish(() => {
        if (answer.kind === "decoded") resolve(answer);
        else reject(answer.kind === "refused" ? ImpastoError.fromBody(answer.error) : new Error(answer.words));
      }),
    );
    thread.once("error", (error) => finish(() => reject(error)));
    thread.once("exit", (code) => finish(() => reject(new Error(`the decoder ended with ${code}`))));
  });
}
