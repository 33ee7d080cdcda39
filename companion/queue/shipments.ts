// What the companion puts into the bucket before it sends a worker for it, each file once, and what it takes out again.

import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../jobs/attempts.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_RESULT_BYTES } from "../protocol/limits.ts";
import type { Bucket } from "./bucket.ts";

/** A worker is not kept waiting for longer: it gets over HTTP what is not there yet. */
const WAIT_MS = 10_000;
/** So many hashes are remembered. One that is forgotten is put there again, which does no harm. */
const REMEMBERED = 10_000;

export interface Shipped {
  /** Of the bucket. */
  address: string;
  /** Hashes of what is there. */
  holds: string[];
}

export class Shipments {
  readonly #bucket: Bucket;
  readonly #log: (event: Record<string, unknown>) => void;
  /** True: it is there. */
  readonly #sent = new Map<string, Promise<boolean>>();

  constructor(bucket: Bucket, log: (event: Record<string, unknown>) => void) {
    this.#bucket = bucket;
    this.#log = log;
  }

  /** Never rejects: what the store refuses goes over HTTP. */
  async ship(files: readonly { sha256: string; path: string }[]): Promise<Shipped> {
    const late = new AbortController();
    const patience = sleep(WAIT_MS, false, { signal: late.signal }).catch(() => false);
    const sent = await Promise.all(files.map((file) => Promise.race([this.#send(file), patience])));
    late.abort();
    const holds = files.filter((_, index) => sent[index]).map(({ sha256 }) => sha256);
    return { address: this.#bucket.shown, holds };
  }

  /** A result that a worker put there; it is taken away. Throws ImpastoError("not-found"). */
  async take(sha256: string): Promise<Uint8Array> {
    const bytes = await this.#bucket.get(sha256, MAX_RESULT_BYTES).catch((error: unknown) => this.#refused(error));
    if (bytes === null) throw new ImpastoError("not-found", "The bucket has no such file.");
    void this.#bucket.remove(sha256).catch((error: unknown) => this.#refused(error));
    return bytes;
  }

  close(): void {
    this.#bucket.close();
  }

  #send({ sha256, path }: { sha256: string; path: string }): Promise<boolean> {
    const known = this.#sent.get(sha256);
    if (known !== undefined) return known;
    const sending = this.#bucket.put(sha256, path).then(
      () => true,
      (error: unknown) => {
        this.#refused(error);
        this.#sent.delete(sha256);
        return false;
      },
    );
    const [oldest] = this.#sent.keys();
    if (this.#sent.size >= REMEMBERED && oldest !== undefined) this.#sent.delete(oldest);
    this.#sent.set(sha256, sending);
    return sending;
  }

  #refused(error: unknown): null {
    this.#log({ event: "bucket-refused", code: error instanceof Error ? error.name : codeOf(error) });
    return null;
  }
}
