// Bodies as they come in: counted against a limit, and cut off when they drip.

import type { IncomingMessage } from "node:http";
import { type Readable, Transform } from "node:stream";
import type { Route } from "../protocol/api.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_BLOB_BYTES, MAX_JSON_BYTES } from "../protocol/limits.ts";
import { payloadTooLarge } from "./errors.ts";

/** After this long a body must have come at this rate on average, or it ends. */
const GRACE_MS = 5000;
const FLOOR_BYTES_PER_SECOND = 16 * 1024;
const LOOK_EVERY_MS = 1000;
const LINE_END = 0x0a;

/** Of a request's body. */
export function mostBytes({ body, maxBytes = MAX_BLOB_BYTES }: Route): number {
  return body === "bytes" ? maxBytes : MAX_JSON_BYTES;
}

/** The same bytes; fails with "payload-too-large", or "bad-request" when they come too slowly or break off. */
export function meterBody(source: IncomingMessage, maxBytes: number): Readable {
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (watch.count(chunk)) done(null, chunk);
    },
  });
  const fail = (error: ImpastoError) => meter.destroy(error);
  const watch = watchBody(source, { maxBytes, fail, isHeldUp: () => meter.writableNeedDrain });
  // Whoever reads it is told; nobody may be reading yet, or at all, and that must not end the process.
  meter.on("error", () => undefined);
  meter.once("close", () => {
    watch.end();
    source.unpipe(meter);
    // What is left is read and dropped, or the client would never see the answer.
    source.resume();
  });
  return source.pipe(meter);
}

/** The JSON value of a body. Errors: as meterBody, and "bad-request" when it is none. */
export async function readJson(source: IncomingMessage, maxBytes: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  // Small bodies are what most requests have: no stream of their own, which costs more than all the rest.
  await new Promise<void>((resolve, reject) => {
    const watch = watchBody(source, { maxBytes, fail: reject, isHeldUp: () => false });
    // What comes after a failure is dropped, or the client would never see the answer.
    source.on("data", (chunk: Buffer) => watch.count(chunk) && chunks.push(chunk));
    source.once("end", () => {
      watch.end();
      resolve();
    });
  });
  return parseJson(Buffer.concat(chunks));
}

interface Watched {
  maxBytes: number;
  /** May be called again. */
  fail: (error: ImpastoError) => void;
  /** The reader, not the sender, holds things up. */
  isHeldUp: () => boolean;
}

/** Counts what comes, and fails it when it is too much, comes too slowly or breaks off. */
function watchBody(source: IncomingMessage, { maxBytes, fail, isHeldUp }: Watched) {
  let bytes = 0;
  const startedAt = performance.now();
  let heldUpMs = 0;
  const clock = setInterval(() => {
    if (isHeldUp()) heldUpMs += LOOK_EVERY_MS;
    const milliseconds = performance.now() - startedAt - heldUpMs;
    const isSlow = milliseconds > GRACE_MS && bytes < (FLOOR_BYTES_PER_SECOND * milliseconds) / 1000;
    if (isSlow) refuse(new ImpastoError("bad-request", "The request came too slowly."));
  }, LOOK_EVERY_MS).unref();
  const broken = () => refuse(new ImpastoError("bad-request", "The request ended before all of it arrived."));
  source.once("aborted", broken);
  source.once("error", broken);

  function end(): void {
    clearInterval(clock);
    source.off("aborted", broken);
  }

  function refuse(error: ImpastoError): void {
    end();
    fail(error);
  }

  return {
    end,
    /** False when it is more than may come. */
    count(chunk: Buffer): boolean {
      bytes += chunk.length;
      if (bytes > maxBytes) refuse(payloadTooLarge());
      return bytes <= maxBytes;
    },
  };
}

/** The JSON value in the first line of a body, and what follows that line. "bad-request" when there is none. */
export async function readFirstLine(source: Readable): Promise<{ line: unknown; rest: AsyncIterable<Uint8Array> }> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const read: Buffer[] = [];
  for (let bytes = 0; bytes <= MAX_JSON_BYTES; ) {
    const { done, value: chunk } = await chunks.next();
    if (done) throw new ImpastoError("bad-request", "The request has no first line.");
    const end = chunk.indexOf(LINE_END);
    read.push(end < 0 ? chunk : chunk.subarray(0, end));
    if (end >= 0) return { line: parseJson(Buffer.concat(read)), rest: joined(chunk.subarray(end + 1), chunks) };
    bytes += chunk.length;
  }
  throw payloadTooLarge();
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ImpastoError("bad-request", "The request is not valid JSON.", { cause });
  }
}
