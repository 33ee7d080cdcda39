// --trace: one line of JSON for each iteration, written as the run goes so that an interrupted one leaves its curve.

import { createWriteStream } from "node:fs";
import { dirname, resolve } from "node:path";
import { finished } from "node:stream/promises";
import type { TraceRecord } from "../engine.ts";
import { makeFolder, writeError } from "../files.ts";

export interface TraceFile {
  write(records: readonly TraceRecord[]): void;
  /** Idempotent. @throws ImpastoError("file-not-writable") or ("disk-full") when any line could not be written */
  close(): Promise<void>;
}

/** @throws ImpastoError("file-not-writable") or ("disk-full") */
export async function openTraceFile(path: string): Promise<TraceFile> {
  let failure: unknown;
  makeFolder(dirname(resolve(path)));
  const stream = createWriteStream(path);
  stream.on("error", (error) => {
    failure ??= error;
  });
  await new Promise<void>((settle) => stream.once("open", () => settle()).once("error", () => settle()));
  if (failure !== undefined) throw writeError(path, failure);
  let closing: Promise<void> | undefined;
  return {
    write: (records) => {
      for (const record of records) stream.write(`${JSON.stringify(record)}\n`);
    },
    close: () => {
      stream.end();
      closing ??= finished(stream).catch((error: unknown) => {
        throw writeError(path, error);
      });
      return closing;
    },
  };
}
