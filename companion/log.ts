// The log: one JSON line per event, with job and request ids. It holds no token, no picture and no layer's name:
// callers pass ids and codes, and nothing that came from a client is passed whole.

import { closeSync, existsSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import { ImpastoError } from "./protocol/errors.ts";
import { makeFolderPath } from "./storage/make-folder.ts";

export type Log = Logger;

const MAX_BYTES = 5 * 1024 * 1024;
/** companion.log, companion.log.1 … companion.log.3 */
const KEPT_FILES = 3;

/**
 * Logs to a rotating file, readable for its owner alone; nowhere when `file` is null.
 * Throws ImpastoError("file-not-writable") when there can be no such file.
 */
export function createLog(file: string | null): Log {
  const options = {
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    level: file === null ? "silent" : "info",
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return file === null ? pino(options) : pino(options, rotatingFile(file));
}

/** [sync] As createLog. Lines reach the file before write returns, so the last words of a crash are there. */
export function rotatingFile(path: string, maxBytes = MAX_BYTES): DestinationStream {
  let descriptor = openLog(path);
  let bytes = statSync(path).size;

  /** Where that is refused, the file in use goes on. It is closed last: a closed one's number becomes another file's. */
  function rotate(): void {
    bytes = 0;
    for (let index = KEPT_FILES; index >= 1; index--) {
      const older = index === 1 ? path : `${path}.${index - 1}`;
      if (existsSync(older)) renameSync(older, `${path}.${index}`);
    }
    const full = descriptor;
    descriptor = openSync(path, "a", 0o600);
    closeSync(full);
  }

  return {
    write(line: string): void {
      try {
        if (bytes > 0 && bytes + Buffer.byteLength(line) > maxBytes) rotate();
      } catch {
        // Tried again when as much has been written once more.
      }
      try {
        bytes += writeSync(descriptor, line);
      } catch {
        // A full disk must not take the server down; what it could not write here it still answers with.
      }
    },
  };
}

function openLog(path: string): number {
  try {
    makeFolderPath(dirname(path), 0o700);
    return openSync(path, "a", 0o600);
  } catch (error) {
    throw new ImpastoError("file-not-writable", `The log cannot be written to ${path}.`, {
      hint: "Check the folder's permissions, or name another file with --log-file.",
      cause: error,
    });
  }
}
