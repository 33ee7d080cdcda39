// Whether the one who asked still waits for the answer.

import type { FastifyReply } from "fastify";

/** Aborts when the client closes the connection before it has its answer. */
export function untilGone({ raw }: FastifyReply): AbortSignal {
  const abort = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) abort.abort();
  });
  return abort.signal;
}
