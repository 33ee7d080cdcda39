// Pictures that come in, results that stay, and what goes when room is needed: oldest results first, then pictures
// that nothing waits for. The ledger forgets a blob before the disk does, so a crash between leaves only a stray
// file, which the next survey finds.

import type { Readable } from "node:stream";
import type { Blob } from "../job-service.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { headerIn, readFileHeader } from "../pictures/file-header.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { JobRequest } from "../protocol/jobs.ts";
import { MAX_BLOB_BYTES, MAX_RESULT_BYTES } from "../protocol/limits.ts";
import { SENT_FILE } from "../protocol/picture-kinds.ts";
import { mapPictures, type RequestOf, ROLE_NAMES } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import type { Settings } from "../protocol/settings.ts";
import { BlobStore, type PutOptions } from "../storage/blobs.ts";
import { DiskSpace, type DiskSpaceOptions } from "../storage/disk-space.ts";
import type { Chunks } from "../storage/durable-file.ts";
import type { FileSystem } from "../storage/file-system.ts";
import type { PictureFile } from "../supervisor/messages.ts";

export interface PictureFolders {
  blobs: string;
  temporary: string;
}

/** A picture that was sent or seen so lately may be about to be asked for. */
const GRACE_MS = 3_600_000;
/** A result that is to come needs some room. */
const RESULT_BYTES = 16 * 1024 * 1024;

export class PictureStore {
  readonly space: DiskSpace;
  readonly #ledger: Ledger;
  readonly #fileSystem: FileSystem;
  readonly #blobs: BlobStore;
  /** Headers that are not at the beginning are read one at a time: a file of 64 MiB in memory is enough. */
  #inspecting: Promise<void> = Promise.resolve();
  /** Room is made for one at a time: what goes is counted once. */
  #clearing: Promise<number> = Promise.resolve(0);

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
    const stored = await this.#store(sha256, stream, { maxBytes: MAX_BLOB_BYTES, declaredBytes });
    this.#touch(sha256, stored.bytes);
    return { sha256, ...stored };
  }

  /** What a worker made, and its bytes; the ledger hears of it with the outcome of its job. Errors: as put(). */
  async putResult(sha256: string, stream: Chunks): Promise<number> {
    const { bytes } = await this.#store(sha256, stream, { maxBytes: MAX_RESULT_BYTES });
    return bytes;
  }

  has(sha256: string): boolean {
    return this.#blobs.size(sha256) !== null;
  }

  path(sha256: string): string {
    return this.#blobs.path(sha256);
  }

  /** A request as the engine child takes it: its pictures as files, all settings. */
  files({ detached: _, ...request }: JobRequest, settings: Settings): RequestOf<PictureFile> {
    return mapPictures({ ...request, settings }, (ref: PictureRef, role) => ({
      path: this.path(ref.sha256),
      name: ref.name ?? ROLE_NAMES[role],
      ref,
    }));
  }

  /** "not-found" that says which; "disk-full" when a result would not fit. */
  async require(hashes: readonly string[]): Promise<void> {
    // First, because the room may be made at the cost of old pictures, these among them.
    await this.space.ensure(RESULT_BYTES, "another result");
    for (const sha256 of hashes) {
      if (this.has(sha256)) continue;
      throw new ImpastoError("not-found", "A picture of this request is not here.", {
        hint: `Send it first: PUT /v1/blobs/${sha256}.`,
      });
    }
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

  /** False when it is missing or damaged. */
  isWhole(sha256: string): Promise<boolean> {
    return this.#blobs.verify(sha256);
  }

  /** Null when it is missing or damaged. */
  open(sha256: string): Promise<{ stream: Readable; bytes: number } | null> {
    return this.#blobs.open(sha256);
  }

  /** Frees `bytes` or a little more, and tells how many; nothing where all that may go would not be enough. */
  makeRoom(bytes: number): Promise<number> {
    const own = this.#clearing.then(() => this.#clear(bytes));
    this.#clearing = own.catch(() => 0);
    return own;
  }

  async #clear(bytes: number): Promise<number> {
    const { blobs } = this.#ledger;
    const victims: string[] = [];
    let freed = 0;
    for (const victim of [...blobs.oldResults(), ...blobs.oldInputs(this.#ledger.now() - GRACE_MS)]) {
      if (freed >= bytes) break;
      victims.push(victim.sha256);
      freed += victim.bytes;
    }
    if (freed < bytes) return 0;
    // A job that was sent in the meantime keeps its pictures.
    for (const sha256 of victims) if (!blobs.isNeeded(sha256)) await this.#forget(sha256);
    return freed;
  }

  /** After jobs were removed: their results and what else nothing names any more. */
  async dropUnreferenced(results: readonly string[]): Promise<void> {
    const { blobs } = this.#ledger;
    const old = blobs.unreferenced(this.#ledger.now() - GRACE_MS).map(({ sha256 }) => sha256);
    const unnamed = results.filter((sha256) => !blobs.isReferenced(sha256));
    // A file that stays is found by the next survey.
    for (const sha256 of new Set([...unnamed, ...old])) {
      // A job that was sent in the meantime keeps its pictures.
      if (!blobs.isReferenced(sha256)) await this.#forget(sha256).catch(() => undefined);
    }
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
    }, "surely");
    this.space.usedBytes = this.#ledger.blobs.totalBytes();
  }

  #store(sha256: string, stream: Chunks, options: PutOptions): Promise<{ bytes: number; created: boolean }> {
    return this.#blobs.put(sha256, stream, {
      ...options,
      inspect: (path, beginning) => this.#inspect(path, beginning),
    });
  }

  #touch(sha256: string, bytes: number): void {
    this.#ledger.transaction(() => this.#ledger.blobs.touch(sha256, bytes, this.#ledger.now()));
  }

  async #forget(sha256: string): Promise<void> {
    this.#ledger.transaction(() => {
      this.#ledger.jobs.forgetResult(sha256);
      this.#ledger.blobs.remove(sha256);
    }, "surely");
    await this.#blobs.remove(sha256);
  }

  async #inspect(path: string, beginning: Uint8Array): Promise<void> {
    if (headerIn(beginning, SENT_FILE) !== null) return;
    const own = this.#inspecting.then(() => readFileHeader(this.#fileSystem, path, SENT_FILE)).then(() => undefined);
    this.#inspecting = own.catch(() => undefined);
    await own;
  }
}
