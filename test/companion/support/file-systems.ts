// File systems for tests: one that fails at the Nth call, one that records what would survive a power cut.

import { readFileSync, writeFileSync } from "node:fs";
import type { FileSystem, OpenFile } from "../../../companion/storage/file-system.ts";
import { realFileSystem } from "../../../companion/storage/file-system.ts";

export const FAILURES = ["ENOSPC", "EIO", "EMFILE", "short write"] as const;
export type Failure = (typeof FAILURES)[number];

export interface FailingFileSystem extends FileSystem {
  /** From now on call number `n` (from 1) fails once; counting starts anew. */
  arm(n: number, failure: Failure): void;
  disarm(): void;
  /** Whether the failure has happened since it was armed. */
  failed(): boolean;
}

/** Like `base` until it is armed. A short write takes one byte; the file's next write fails. */
export function failingFileSystem(
  base: FileSystem = realFileSystem,
  onFailure = (): void => undefined,
): FailingFileSystem {
  let countdown = 0;
  let failure: Failure = "EIO";
  let failed = false;

  function due(): boolean {
    if (countdown === 0) return false;
    countdown -= 1;
    if (countdown > 0) return false;
    failed = true;
    onFailure();
    return true;
  }
  function raise(code: string): never {
    throw Object.assign(new Error(`${code}: injected`), { code });
  }
  function maybeFail(): void {
    if (due()) raise(failure === "short write" ? "EIO" : failure);
  }
  function guardFile(file: OpenFile): OpenFile {
    let short = false;
    return {
      async write(bytes) {
        if (short) raise("ENOSPC");
        if (!due()) return await file.write(bytes);
        if (failure !== "short write") raise(failure);
        short = true;
        return await file.write(bytes.subarray(0, 1));
      },
      async sync() {
        maybeFail();
        await file.sync();
      },
      close: () => file.close(),
    };
  }

  return {
    arm(n, how) {
      countdown = n;
      failure = how;
      failed = false;
    },
    disarm() {
      countdown = 0;
    },
    failed: () => failed,
    async create(path) {
      maybeFail();
      return guardFile(await base.create(path));
    },
    async read(path) {
      maybeFail();
      return await base.read(path);
    },
    async *pieces(path) {
      maybeFail();
      yield* base.pieces(path);
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

/** What a test in another process wants to fail; a new token arms it again. */
export interface FailureOrder {
  token: number;
  n: number;
  failure: Failure;
}

/** A failing file system that takes its orders from a file, and leaves the token in `path`.failed when it failed. */
export function orderedFileSystem(path: string, base: FileSystem = realFileSystem): FileSystem {
  let token = 0;
  const failing = failingFileSystem(base, () => writeFileSync(`${path}.failed`, String(token)));
  function obey(): void {
    const text = contentOf(path)?.toString() ?? "";
    const order = text === "" ? null : (JSON.parse(text) as FailureOrder);
    if (order === null || order.token === token) return;
    token = order.token;
    failing.arm(order.n, order.failure);
  }
  // Every job begins with the reading of its pictures.
  return {
    ...failing,
    read(file) {
      obey();
      return failing.read(file);
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

/** For a journal that several processes write: one line of JSON, bytes in base64. */
export function encodeEvent(event: DiskEvent): object {
  return event.type === "write" ? { ...event, bytes: event.bytes.toString("base64") } : event;
}

/** A file's bytes, or null. */
export function contentOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
