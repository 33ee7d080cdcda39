// The few file operations that durability rests on, behind one interface: tests put a file system in between
// that fails at the Nth call or records the order of writes, and the rest of the code cannot tell.

import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  renameSync,
  statSync,
  fsync as syncLater,
  write as writeLater,
  writeSync,
} from "node:fs";
import { open, readdir, readFile, rm, statfs } from "node:fs/promises";
import { promisify } from "node:util";
import { ImpastoError } from "../protocol/errors.ts";
import { makeFolderPath } from "./make-folder.ts";
import { renamePatiently } from "./patient-rename.ts";
import { unlessUnknown } from "./unknown-sync.ts";

export interface OpenFile {
  /** May write less than all; returns how much. */
  write(bytes: Uint8Array): Promise<number>;
  /** Returns when the content would survive a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileSystem {
  /** A new file, for its owner alone; refuses to follow or replace what is there. */
  create(path: string): Promise<OpenFile>;
  read(path: string): Promise<Uint8Array>;
  /** The file in order; each piece is good until the next is asked for. */
  pieces(path: string): AsyncIterable<Uint8Array>;
  /** Replaces `to` whole. */
  rename(from: string, to: string): Promise<void>;
  /** A missing file is fine. */
  remove(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** Returns when names created, moved and removed in the folder would survive a power cut. */
  syncFolder(path: string): Promise<void>;
  /** Names in the folder; none when it is missing. */
  list(path: string): Promise<string[]>;
  /** [sync] Bytes of a regular file, or null. */
  size(path: string): number | null;
  /** Null where the file system does not tell. */
  freeSpace(path: string): Promise<{ freeBytes: number; totalBytes: number } | null>;
}

const write = promisify(writeLater);
const fsync = promisify(syncLater);

/** So many bytes go into the system's memory sooner than a thread wakes up. */
const SMALL_BYTES = 64 * 1024;
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const PIECE_BYTES = 256 * 1024;

export const realFileSystem: FileSystem = {
  async create(path) {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW;
    // Opened at once, as names are looked up at once: a thread costs more than either.
    const file = openSync(path, flags, 0o600);
    return {
      write: async (bytes) =>
        bytes.length <= SMALL_BYTES ? writeSync(file, bytes) : (await write(file, bytes)).bytesWritten,
      sync: () => unlessUnknown(() => fsync(file)),
      close: async () => closeSync(file),
    };
  },

  async read(path) {
    const file = await open(path, constants.O_RDONLY | NO_FOLLOW);
    try {
      return await readFile(file);
    } finally {
      await file.close();
    }
  },

  async *pieces(path) {
    const file = await open(path, constants.O_RDONLY | NO_FOLLOW);
    try {
      const { size } = await file.stat();
      const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, size + 1));
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length);
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  },

  rename: (from, to) => renamePatiently(async () => renameSync(from, to)),

  async remove(path) {
    // Node makes an error of each missing file first, for a tenth of what a frame costs a companion with workers.
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) await rm(path, { force: true });
  },

  async makeFolder(path) {
    makeFolderPath(path, 0o700);
  },

  async syncFolder(path) {
    // NTFS journals names itself and Windows refuses to open a folder.
    if (process.platform === "win32") return;
    await unlessUnknown(async () => {
      const folder = openSync(path, constants.O_RDONLY);
      try {
        await fsync(folder);
      } finally {
        closeSync(folder);
      }
    });
  },

  async list(path) {
    try {
      return await readdir(path);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [];
      throw error;
    }
  },

  size(path) {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() ? stats.size : null;
  },

  async freeSpace(path) {
    const told = await statfs(path).catch(() => null);
    if (told === null || told.blocks === 0) return null;
    return { freeBytes: told.bavail * told.bsize, totalBytes: told.blocks * told.bsize };
  },
};

function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Words for a failed file operation; an ImpastoError passes through. */
export function storageError(error: unknown, doing: string): ImpastoError {
  if (error instanceof ImpastoError) return error;
  switch (errnoOf(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return diskFull(doing, error);
    case "ENOENT":
      return new ImpastoError(
        "file-not-writable",
        "A folder of Impasto's, or a file in it, was removed or moved while Impasto used it.",
        {
          hint: "Put it back, or stop Impasto and start it again.",
          cause: error,
        },
      );
    case "EMFILE":
    case "ENFILE":
      return new ImpastoError("busy", `Too many files are open for ${doing}.`, {
        hint: "Wait a moment and try again.",
        cause: error,
      });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new ImpastoError("file-not-writable", `Impasto may not write while ${doing}.`, {
        hint: "Check the permissions of Impasto's data folder.",
        cause: error,
      });
    default:
      return new ImpastoError("internal", `The disk reported an error while ${doing}.`, {
        hint: "Try again; if it happens again, check the disk.",
        cause: error,
      });
  }
}

export function diskFull(doing: string, cause?: unknown): ImpastoError {
  return new ImpastoError("disk-full", `There is not enough room on the disk for ${doing}.`, {
    hint: "Free some space, or remove old results with `impasto jobs clean`.",
    cause,
  });
}
