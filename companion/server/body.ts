// Bodies as they come in: counted against a limit, and cut off when they drip.

import type { IncomingMessage } from "node:http";
import { type Readable, Transform } from "node:stream";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_JSON_BYTES } from "../protocol/limits.ts";
import { payloadTooLarge } from "./errors.ts";

/** After this long a body must have come at this rate on average, or it ends. */
const GRACE_MS = 5000;
const FLOOR_BYTES_PER_SECOND = 16 * 1024;
const LINE_END = 0x0a;

/** The same bytes; fails with "payload-too-large", or "bad-request" when they come too slowly or break off. */
export function meterBody(source: IncomingMessage, maxBytes: number): Readable {
  let bytes = 0;
  const startedAt = performance.now();
  /** Time in which the reader, not the sender, held things up. */
  let waitedMs = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(payloadTooLarge());
      else done(null, chunk);
    },
  });
  const clock = setInterval(() => {
    if (meter.writableNeedDrain) waitedMs += 1000;
    const milliseconds = performance.now() - startedAt - waitedMs;
    if (milliseconds > GRACE_MS && bytes < (FLOOR_BYTES_PER_SECOND * milliseconds) / 1000) {
      meter.destroy(new ImpastoError("bad-request", "The request came too slowly."));
    }
  }, 1000);
  clock.unref();
  // Whoever reads it is told; nobody may be reading yet, or at all, and that must not end the process.
  meter.on("error", () => undefined);
  const broken = () => meter.destroy(new ImpastoError("bad-request", "The request ended before all of it arrived."));
  source.once("aborted", broken);
  source.once("error", broken);
  meter.once("close", () => {
    clearInterval(clock);
    source.off("aborted", broken);
    source.unpipe(meter);
    // What is left is read and dropped, or the client would never see the answer.
    source.resume();
  });
  return source.pipe(meter);
}

/** The JSON value of a body. "bad-request" when it is none. */
export async function readJson(source: Readable): Promise<unknown> {
  const chunks: Buffer[] = [];
  // Listening costs a third of what iterating does, and small bodies are what most requests have.
  await new Promise<void>((resolve, reject) => {
    source.on("data", (chunk: Buffer) => chunks.push(chunk));
    source.once("end", resolve);
    source.once("error", reject);
  });
  return parseJson(Buffer.concat(chunks));
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
