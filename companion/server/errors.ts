// The one place where an error becomes a reply: {code, message, hint} and the status that goes with the code.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../log.ts";
import { type ErrorCode, ImpastoError } from "../protocol/errors.ts";

const STATUS: Record<ErrorCode, number> = {
  "bad-request": 400,
  "bad-setting": 400,
  "bad-picture": 422,
  "picture-too-large": 413,
  "unsupported-picture": 415,
  "bad-network": 422,
  "layer-missing": 422,
  "file-not-found": 404,
  "file-not-readable": 500,
  "file-not-writable": 500,
  "addon-missing": 503,
  "onnxruntime-missing": 503,
  "platform-unsupported": 503,
  "out-of-memory": 503,
  "out-of-threads": 503,
  "disk-full": 507,
  "port-taken": 503,
  "no-gpu": 503,
  "gpu-lost": 503,
  "gpu-out-of-memory": 503,
  "provider-missing": 503,
  "network-unknown": 404,
  "network-missing": 409,
  "download-failed": 502,
  "hash-mismatch": 422,
  unauthorized: 401,
  "pairing-closed": 403,
  "pairing-failed": 401,
  forbidden: 403,
  "not-found": 404,
  "method-not-allowed": 405,
  conflict: 409,
  "rate-limited": 429,
  "unsupported-media-type": 415,
  "payload-too-large": 413,
  "version-mismatch": 426,
  "companion-unreachable": 502,
  "blocked-by-browser": 403,
  busy: 503,
  cancelled: 409,
  "engine-crashed": 500,
  internal: 500,
};

/** An ImpastoError whose status is not its code's: the transport's own refusals. */
export class TransportError extends ImpastoError {
  readonly status: number;

  constructor(status: number, code: ErrorCode, message: string, hint: string) {
    super(code, message, { hint });
    this.status = status;
  }
}

/** What Fastify and Node threw, in our words; null when it is a fault of ours. */
function translate(error: unknown): ImpastoError | null {
  if (error instanceof ImpastoError) return error;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return payloadTooLarge();
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
    case "FST_ERR_CTP_EMPTY_TYPE":
      return new ImpastoError("unsupported-media-type", "The companion takes JSON and raw bytes only.");
    case "ECONNRESET":
    case "ERR_STREAM_PREMATURE_CLOSE":
      return new ImpastoError("bad-request", "The request ended before all of it arrived.");
  }
  return typeof statusCode === "number" && statusCode < 500
    ? new ImpastoError("bad-request", "The companion could not read this request.")
    : null;
}

export function payloadTooLarge(): ImpastoError {
  return new ImpastoError("payload-too-large", "This is more than the companion takes at once.", {
    hint: "Pictures may have up to 64 MB.",
  });
}

/** The error handler of the app. */
export function errorReply(log: Log) {
  return function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    let known = translate(error);
    if (known === null) {
      log.error({ request: request.id, err: error }, "fault");
      known = new ImpastoError("internal", "Something went wrong inside the companion.", {
        hint: `Its log tells more under request ${request.id}.`,
      });
    }
    request.refusal = known.code;
    const status = known instanceof TransportError ? known.status : STATUS[known.code];
    if (status === 503 || status === 429) reply.header("Retry-After", "1");
    reply.code(status).type("application/json; charset=utf-8").send(JSON.stringify(known.toBody()));
  };
}
