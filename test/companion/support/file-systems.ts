// File systems for tests: one that fails at the Nth call, one that records what would survive a power cut.

import { readFileSync } from "node:fs";
import type { FileSystem, OpenFile } from "../../../companion/storage/file-system.ts";
import { realFileSystem } from "../../../companion/storage/file-system.ts";

export const FAILURES = ["ENOSPC", "EIO", "EMFILE", "short write"] as const;
export type Failure = (typeof FAILURES)[number];

export interface FailingFileSystem extends FileSystem {
  /** Calls that could have failed so far. */
  calls(): number;
  /** Whether the failure has happened. */
  failed(): boolean;
}

/** Like `base`, but call number `n` (from 1) fails once; a short write takes one byte and fails at the next write. */
export function failingFileSystem(n: number, failure: Failure, base: FileSystem = realFileSystem): FailingFileSystem {
  let calls = 0;
  let failed = false;
  let short = false;

  function due(): boolean {
    calls += 1;
    if (calls !== n) return false;
    failed = true;
    return true;
  }
  function raise(code: string): never {
    throw Object.assign(new Error(`${code}: injected`), { code });
  }
  function maybeFail(): void {
    if (due()) raise(failure === "short write" ? "EIO" : failure);
  }
  function guardFile(file: OpenFile): OpenFile {
    return {
      async write(bytes) {
        if (short) raise("ENOSPC");
        if (due()) {
          if (failure !== "short write") raise(failure);
          short = bytes.length > 1;
          return await file.write(bytes.subarray(0, 1));
        }
        return await file.write(bytes);
      },
      async sync() {
        maybeFail();
        await file.sync();
      },
      async close() {
        short = false;
        await file.close();
      },
    };
  }

  return {
    calls: () => calls,
    failed: () => failed,
    async create(path) {
      maybeFail();
      return guardFile(await base.create(path));
    },
    async read(path) {
      maybeFail();
      return await base.read(path);
    },
    async rename(from, to) {
      maybeFail();
      await base.rename(from, to);
    },
    async remove(path) {
      maybeFail();
      await base.remove(path);
    },
    async makeFolder(path) {
      maybeFail();
      await base.makeFolder(path);
    },
    async syncFolder(path) {
      maybeFail();
      await base.syncFolder(path);
    },
    async list(path) {
      maybeFail();
      return await base.list(path);
    },
    size: (path) => base.size(path),
    async freeSpace(path) {
      maybeFail();
      return await base.freeSpace(path);
    },
  };
}

/** What happened to the disk, in order. */
export type DiskEvent =
  | { type: "create"; path: string }
  | { type: "write"; path: string; bytes: Buffer }
  | { type: "sync"; path: string }
  | { type: "rename"; from: string; to: string }
  | { type: "remove"; path: string }
  | { type: "makeFolder"; path: string }
  | { type: "syncFolder"; path: string };

/** Like `base`, and tells `record` of every change once it has happened. */
export function recordingFileSystem(record: (event: DiskEvent) => void, base: FileSystem = realFileSystem): FileSystem {
  return {
    ...base,
    async create(path) {
      const file = await base.create(path);
      record({ type: "create", path });
      return {
        async write(bytes) {
          const written = await file.write(bytes);
          record({ type: "write", path, bytes: Buffer.from(bytes.subarray(0, written)) });
          return written;
        },
        async sync() {
          await file.sync();
          record({ type: "sync", path });
        },
        close: () => file.close(),
      };
    },
    async rename(from, to) {
      await base.rename(from, to);
      record({ type: "rename", from, to });
    },
    async remove(path) {
      await base.remove(path);
      record({ type: "remove", path });
    },
    async makeFolder(path) {
      await base.makeFolder(path);
      record({ type: "makeFolder", path });
    },
    async syncFolder(path) {
      await base.syncFolder(path);
      record({ type: "syncFolder", path });
    },
  };
}

/** A file's bytes, or null. */
export function contentOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
