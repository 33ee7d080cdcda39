// Pipes read up to their end: stdin, and what a shell makes of <(…) or a named pipe. They have no size and come once.

import type { FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ImpastoError } from "./protocol/errors.ts";

const PIECE_BYTES = 1 << 16;
/** A named pipe whose writer has not come after this long has none. */
const WRITER_MS = 3000;
const PAUSE_MS = 10;

/** @param checkSize called with what has come so far; throws to refuse */
export async function readStdin(checkSize: (bytes: number) => void): Promise<Uint8Array> {
  if (process.stdin.isTTY) {
    throw new ImpastoError("bad-request", "The picture is to come from stdin, and stdin is the keyboard.", {
      hint: "Send a picture into it: impasto … < photo.jpg",
    });
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of process.stdin) {
    pieces.push(piece as Buffer);
    bytes += (piece as Buffer).length;
    checkSize(bytes);
  }
  return Buffer.concat(pieces);
}

/**
 * @param pipe opened without blocking: waiting for a writer, or for what it writes, holds up no thread
 * @param checkSize as readStdin's
 */
export async function readPipe(
  pipe: FileHandle,
  path: string,
  checkSize: (bytes: number) => void,
): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let hasWriter = false;
  const opened = performance.now();
  for (;;) {
    const piece = await readPiece(pipe);
    if (piece === null) hasWriter = true;
    else if (piece.length > 0) {
      pieces.push(piece);
      bytes += piece.length;
      checkSize(bytes);
      continue;
    } else if (hasWriter || bytes > 0) return Buffer.concat(pieces);
    else if (performance.now() - opened > WRITER_MS) {
      throw new ImpastoError("file-not-readable", `${path} is a pipe into which nobody writes.`);
    }
    await sleep(PAUSE_MS);
  }
}

/** Null where somebody writes and nothing has come yet; empty at the end, and before a writer has come. */
async function readPiece(pipe: FileHandle): Promise<Buffer | null> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  try {
    const { bytesRead } = await pipe.read(piece, 0, PIECE_BYTES, null);
    return piece.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return null;
    throw error;
  }
}
