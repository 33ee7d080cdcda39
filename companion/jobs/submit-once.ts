// The same request under the same key makes one thing, however often it is sent.

import { createHash, randomBytes } from "node:crypto";
import type { Ledger } from "../ledger/ledger.ts";
import { ImpastoError } from "../protocol/errors.ts";

export interface SubmitKey {
  owner: string;
  idempotencyKey: string;
}

/** 128 random bits, hex. */
export function newId(): string {
  return randomBytes(16).toString("hex");
}

export function digestOf(request: unknown): string {
  return createHash("sha256").update(JSON.stringify(request)).digest("hex");
}

/** What an earlier request under the key made, or null; "conflict" when that request was another. */
export function findEarlier(ledger: Ledger, { owner, idempotencyKey }: SubmitKey, digest: string): string | null {
  const earlier = ledger.findKey(owner, idempotencyKey);
  if (earlier === undefined) return null;
  if (earlier.digest === digest) return earlier.target;
  throw new ImpastoError("conflict", "This key was used for another request.", {
    hint: "Take a new Idempotency-Key for a new request.",
  });
}

/**
 * [sync] Runs `insert` under the new id `target`, unless the key has been used: then the earlier id comes back, or
 * "conflict" when the request was another. Durable when it returns.
 */
export function submitOnce(
  ledger: Ledger,
  key: SubmitKey,
  digest: string,
  target: string,
  insert: (target: string) => void,
): { target: string; created: boolean } {
  return ledger.transaction(() => {
    const earlier = findEarlier(ledger, key, digest);
    if (earlier !== null) return { target: earlier, created: false };
    insert(target);
    ledger.insertKey(key.owner, key.idempotencyKey, target, digest);
    return { target, created: true };
  });
}
