// Events as NDJSON over one long reply. A client that reads slowly gets fewer of them, not older ones:
// while its connection is full, a new progress line takes the place of the one that still waits.

import type { FastifyReply } from "fastify";

/** A client that took nothing for so long is gone. */
const STALL_MS = 30_000;
/** Events that may wait and that nothing supersedes; a client so far behind starts again from its last number. */
const MAX_WAITING = 5000;

export interface EventStreamOptions<E> {
  /** The longest silence on the wire. */
  heartbeatMs: number;
  /** Events with the same key supersede each other while they wait; null: never dropped. */
  key(event: E): string | null;
  /** The stream ends after this event. */
  isLast(event: E): boolean;
  /**
   * Subscribes, before the reply begins: what it throws is still an answer then. Returns what unsubscribes, which is
   * called once, when the stream is over from either side.
   */
  follow(push: (event: E) => void): () => void;
}

export interface EventStream {
  /** Ends the reply after what waits has been sent. */
  end(): void;
}

export function openEventStream<E>(reply: FastifyReply, options: EventStreamOptions<E>): EventStream {
  const { key, isLast, follow } = options;
  const { raw } = reply;
  const waiting: { key: string | null; line: string }[] = [];
  let begun = false;
  let ending = false;
  let lastWriteAt = performance.now();

  const unfollow = follow(push);
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { "Content-Type": "application/x-ndjson" });
  raw.flushHeaders();
  begun = true;

  function push(event: E): void {
    if (ending || raw.destroyed) return;
    const eventKey = key(event);
    const superseded = eventKey === null ? -1 : waiting.findIndex((other) => other.key === eventKey);
    if (superseded >= 0) waiting.splice(superseded, 1);
    waiting.push({ key: eventKey, line: `${JSON.stringify(event)}\n` });
    if (waiting.length > MAX_WAITING) {
      raw.destroy();
      return;
    }
    if (isLast(event)) ending = true;
    flush();
  }

  function flush(): void {
    if (!begun) return;
    while (waiting.length > 0 && !raw.writableNeedDrain) {
      raw.write((waiting.shift() as { line: string }).line);
      lastWriteAt = performance.now();
    }
    if (ending && waiting.length === 0 && !raw.writableEnded) raw.end();
  }

  const heartbeat = setInterval(() => {
    const silentMs = performance.now() - lastWriteAt;
    if (raw.writableNeedDrain) {
      if (silentMs > STALL_MS) raw.destroy();
    } else if (silentMs >= options.heartbeatMs * 0.75) {
      waiting.push({ key: "heartbeat", line: `${JSON.stringify({ type: "heartbeat", time: Date.now() })}\n` });
      flush();
    }
  }, options.heartbeatMs / 4);
  heartbeat.unref();

  raw.on("drain", flush);
  raw.once("close", () => {
    clearInterval(heartbeat);
    unfollow();
  });
  flush();

  return {
    end() {
      ending = true;
      flush();
    },
  };
}
