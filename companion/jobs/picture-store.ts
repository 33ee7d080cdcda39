// Pictures that come in, results that stay, and what goes when room is needed: oldest results first, then pictures
// that nothing waits for. The ledger forgets a blob before the disk does, so a crash between leaves only a stray
// file, which the next survey finds.

import type { Readable } from "node:stream";
import type { Blob } from "../job-service.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readFileHeader } from "../pictures/file-header.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_BLOB_BYTES } from "../protocol/limits.ts";
import { BlobStore } from "../storage/blobs.ts";
import { DiskSpace, type DiskSpaceOptions } from "../storage/disk-space.ts";
import type { FileSystem } from "../storage/file-system.ts";

export interface PictureFolders {
  blobs: string;
  temporary: string;
}

/** A picture that was sent or seen so lately may be about to be asked for. */
const GRACE_MS = 3_600_000;
const PURGE_AT_ONCE = 50;
/** A result that is to come needs some room. */
const RESULT_BYTES = 16 * 1024 * 1024;

export class PictureStore {
  readonly space: DiskSpace;
  readonly #ledger: Ledger;
  readonly #fileSystem: FileSystem;
  readonly #blobs: BlobStore;
  /** Headers are read one at a time: a file of 64 MiB in memory is enough. */
  #inspecting: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, fileSystem: FileSystem, folders: PictureFolders, space: DiskSpaceOptions = {}) {
    this.#ledger = ledger;
    this.#fileSystem = fileSystem;
    this.space = new DiskSpace(fileSystem, folders.blobs, space);
    this.space.usedBytes = ledger.blobs.totalBytes();
    this.space.makeRoom = (bytes) => this.makeRoom(bytes);
    this.#blobs = new BlobStore(fileSystem, folders.blobs, folders.temporary, this.space);
  }

  /** Before anything is stored: folders, and what a crash left. */
  sweep(): Promise<void> {
    return this.#blobs.sweep();
  }

  /** Errors: as JobService.putBlob. */
  async put(sha256: string, stream: Readable, declaredBytes: number | undefined): Promise<Blob> {
    const { bytes, created } = await this.#blobs.put(sha256, stream, {
      maxBytes: MAX_BLOB_BYTES,
      declaredBytes,
      inspect: (path) => this.#inspect(path),
    });
    this.#touch(sha256, bytes);
    return { sha256, bytes, created };
  }

  has(sha256: string): boolean {
    return this.#blobs.size(sha256) !== null;
  }

  path(sha256: string): string {
    return this.#blobs.path(sha256);
  }

  /** "not-found" that says which; "disk-full" when a result would not fit. */
  async require(hashes: readonly string[]): Promise<void> {
    for (const sha256 of hashes) {
      if (this.has(sha256)) continue;
      throw new ImpastoError("not-found", "A picture of this request is not here.", {
        hint: `Send it first: PUT /v1/blobs/${sha256}.`,
      });
    }
    await this.space.ensure(RESULT_BYTES, "another result");
  }

  /** In the transaction that inserts a job: its pictures were wanted just now. */
  touch(hashes: readonly string[]): void {
    for (const sha256 of hashes) this.#ledger.blobs.touch(sha256, this.#blobs.size(sha256) ?? 0, this.#ledger.now());
  }

  /** Takes a finished file over; bytes of the blob. */
  async adopt(path: string, sha256: string): Promise<number> {
    const { bytes } = await this.#blobs.adopt(path, sha256);
    return bytes;
  }

  /** Null when it is missing or damaged. */
  open(sha256: string): Promise<{ stream: Readable; bytes: number } | null> {
    return this.#blobs.open(sha256);
  }

  /** Frees about `bytes`; how many it freed. */
  async makeRoom(bytes: number): Promise<number> {
    let freed = 0;
    while (freed < bytes) {
      const before = this.#ledger.now() - GRACE_MS;
      const results = this.#ledger.blobs.oldResults(PURGE_AT_ONCE);
      const victims = results.length > 0 ? results : this.#ledger.blobs.oldInputs(before, PURGE_AT_ONCE);
      if (victims.length === 0) break;
      for (const { sha256, bytes: size } of victims) {
        if (freed >= bytes) break;
        await this.#forget(sha256);
        freed += size;
      }
    }
    return freed;
  }

  /** After a job was removed: its result and what else nothing names any more. */
  async dropUnreferenced(hashes: readonly string[] = []): Promise<void> {
    for (const sha256 of hashes) {
      if (!this.#ledger.blobs.isReferenced(sha256)) await this.#forget(sha256);
    }
    for (const { sha256 } of this.#ledger.blobs.unreferenced(this.#ledger.now() - GRACE_MS)) await this.#forget(sha256);
  }

  /** Brings the ledger's list of blobs and the disk together. */
  async reconcile(): Promise<void> {
    const known = new Map(this.#ledger.blobs.all().map(({ sha256, bytes }) => [sha256, bytes]));
    const found = await this.#blobs.survey();
    const strays = found.filter(({ sha256, bytes }) => known.get(sha256) !== bytes);
    const present = new Set(found.map(({ sha256 }) => sha256));
    const lost = [...known.keys()].filter((sha256) => !present.has(sha256) && !this.has(sha256));
    this.#ledger.transaction(() => {
      for (const { sha256, bytes } of strays) this.#ledger.blobs.touch(sha256, bytes, this.#ledger.now());
      for (const sha256 of lost) this.#ledger.blobs.remove(sha256);
    });
    this.space.usedBytes = this.#ledger.blobs.totalBytes();
  }

  #touch(sha256: string, bytes: number): void {
    this.#ledger.transaction(() => this.#ledger.blobs.touch(sha256, bytes, this.#ledger.now()));
  }

  async #forget(sha256: string): Promise<void> {
    this.#ledger.transaction(() => {
      this.#ledger.jobs.forgetResult(sha256);
      this.#ledger.blobs.remove(sha256);
    });
    await this.#blobs.remove(sha256);
  }

  #inspect(path: string): Promise<void> {
    const own = this.#inspecting.then(async () => {
      const { format } = await readFileHeader(this.#fileSystem, path, "The picture");
      if (format !== "tiff") return;
      throw new ImpastoError("unsupported-picture", "The picture is a TIFF.", {
        hint: "Send PNG, JPEG, WebP or AVIF.",
      });
    });
    this.#inspecting = own.catch(() => undefined);
    return own;
  }
}
