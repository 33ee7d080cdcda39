// Whole or not at all: a file is written under a temporary name, brought to the disk, and only then renamed;
// the folder is brought to the disk too, or a power cut could take the name back.

import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import type { FileSystem, OpenFile } from "./file-system.ts";

/** Content in order, as it is there or as it comes. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Writes all of `bytes`, in as many calls as the system takes for it. */
async function writeAll(file: OpenFile, bytes: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < bytes.length) {
    const written = await file.write(bytes.subarray(offset));
    if (written <= 0) throw Object.assign(new Error("The disk took no more bytes."), { code: "ENOSPC" });
    offset += written;
  }
}

/** A new file with the chunks, on the disk when this returns; nothing remains when it throws. */
export async function createDurably(fileSystem: FileSystem, path: string, chunks: Chunks): Promise<void> {
  const file = await fileSystem.create(path);
  try {
    try {
      for await (const chunk of chunks) await writeAll(file, chunk);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await fileSystem.remove(path).catch(() => undefined);
    throw error;
  }
}

/** Moves a file that is on the disk to its final name, for good. */
export async function publish(fileSystem: FileSystem, from: string, to: string): Promise<void> {
  await fileSystem.rename(from, to);
  await fileSystem.syncFolder(dirname(to));
}

/** Replaces the file at `path` whole. */
export async function replaceDurably(
  fileSystem: FileSystem,
  path: string,
  chunks: Iterable<Uint8Array>,
): Promise<void> {
  const temporary = temporaryPath(dirname(path));
  await createDurably(fileSystem, temporary, chunks);
  try {
    await publish(fileSystem, temporary, path);
  } catch (error) {
    await fileSystem.remove(temporary).catch(() => undefined);
    throw error;
  }
}

const TEMPORARY_SUFFIX = ".part";

/** An unused name; leftovers are known by it and swept at the next start. */
export function temporaryPath(folder: string): string {
  return join(folder, `${randomUUID()}${TEMPORARY_SUFFIX}`);
}

export function isTemporary(name: string): boolean {
  return name.endsWith(TEMPORARY_SUFFIX);
}
