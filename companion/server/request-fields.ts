// Fields of requests that several routes read.

import type { FastifyRequest } from "fastify";
import { IDEMPOTENCY_KEY_PATTERN } from "../protocol/api.ts";
import { ImpastoError } from "../protocol/errors.ts";

export const DEFAULT_LIMIT = 200;
const PATTERN = new RegExp(IDEMPOTENCY_KEY_PATTERN);

/** The guard saw to it that there is exactly one. */
export function idempotencyKey(request: FastifyRequest): string {
  const key = request.headers["idempotency-key"];
  if (typeof key === "string" && PATTERN.test(key)) return key;
  throw new ImpastoError("bad-request", "The Idempotency-Key must be 8 to 64 letters, digits, - or _.");
}

/** What the client said that it would send; undefined where it did not. */
export function contentLength({ headers }: FastifyRequest): number | undefined {
  const declared = headers["content-length"];
  return declared === undefined ? undefined : Number(declared);
}

/** Events above this sequence number are asked for. */
export function afterOf(query: { after?: string }): number {
  return Number(query.after ?? 0);
}
