// How much room Impasto takes: a quota for its own pictures, which it keeps, and a reserve for everybody else, for which
// it gives up old results. What a file system says of its free space is advice: network drives, quotas and what can be
// given back make it wrong either way, so only a write that fails means a full disk.

import { diskFull, type FileSystem } from "./file-system.ts";

const DEFAULT_QUOTA_BYTES = 10 * 1024 ** 3;
const MAX_RESERVE_BYTES = 2 * 1024 ** 3;
const RESERVE_SHARE = 0.05;
/** A file system with so much more than is asked for need not be asked again for so long. */
const PLENTY_BYTES = 4 * 1024 ** 3;
const PLENTY_MS = 1_000;

export interface DiskSpaceOptions {
  quotaBytes?: number;
  /** Free bytes that old results are given up for, given the disk's size. */
  reserveBytes?: (totalBytes: number) => number;
}

export interface DiskUse {
  usedBytes: number;
  quotaBytes: number;
  /** 0, as is the reserve, where the file system does not tell. */
  freeBytes: number;
  reserveBytes: number;
}

/** Frees up to `bytes` of old results; returns how many it freed. */
export type MakeRoom = (bytes: number) => Promise<number>;

export class DiskSpace {
  /** Bytes of all blobs; kept by whoever adds and removes them. */
  usedBytes = 0;
  makeRoom: MakeRoom = async () => 0;
  readonly #fileSystem: FileSystem;
  readonly #folder: string;
  readonly #quotaBytes: number;
  readonly #reserveOf: (totalBytes: number) => number;
  #plentyUntil = 0;

  constructor(fileSystem: FileSystem, folder: string, options: DiskSpaceOptions = {}) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
    this.#quotaBytes = options.quotaBytes ?? DEFAULT_QUOTA_BYTES;
    this.#reserveOf = options.reserveBytes ?? ((totalBytes) => Math.min(MAX_RESERVE_BYTES, RESERVE_SHARE * totalBytes));
  }

  async use(): Promise<DiskUse> {
    const space = await this.#told();
    return {
      usedBytes: this.usedBytes,
      quotaBytes: this.#quotaBytes,
      freeBytes: space?.freeBytes ?? 0,
      reserveBytes: space === null ? 0 : this.#reserveOf(space.totalBytes),
    };
  }

  /** Makes sure that `bytes` more fit, purging old results if need be; beyond the quota throws ImpastoError("disk-full"). */
  async ensure(bytes: number, doing: string): Promise<void> {
    const missing = Math.max(this.#overQuota(bytes), await this.#advisedMissing(bytes));
    if (missing > 0) await this.makeRoom(missing);
    if (this.#overQuota(bytes) > 0) throw diskFull(doing);
  }

  /** True when work that stopped for want of room may go on. */
  async hasRoom(bytes: number): Promise<boolean> {
    return this.#overQuota(bytes) <= 0 && (await this.#advisedMissing(bytes)) <= 0;
  }

  /** A disk that cannot be asked is no reason to refuse either. */
  async #told(): Promise<{ freeBytes: number; totalBytes: number } | null> {
    return await this.#fileSystem.freeSpace(this.#folder).catch(() => null);
  }

  #overQuota(bytes: number): number {
    return this.usedBytes + bytes - this.#quotaBytes;
  }

  async #advisedMissing(bytes: number): Promise<number> {
    if (bytes < PLENTY_BYTES && performance.now() < this.#plentyUntil) return 0;
    const space = await this.#told();
    if (space === null) return 0;
    const missing = bytes + this.#reserveOf(space.totalBytes) - space.freeBytes;
    if (missing < -PLENTY_BYTES) this.#plentyUntil = performance.now() + PLENTY_MS;
    return missing;
  }
}
