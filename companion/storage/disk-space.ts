// How much room Impasto may take: a quota for its own pictures, and a reserve that it leaves to everybody else.

import { ImpastoError } from "../protocol/errors.ts";
import { diskFull, type FileSystem, storageError } from "./file-system.ts";

export const DEFAULT_QUOTA_BYTES = 10 * 1024 ** 3;
const MIN_RESERVE_BYTES = 2 * 1024 ** 3;
const RESERVE_SHARE = 0.05;

export interface DiskSpaceOptions {
  quotaBytes?: number;
  /** Free bytes that are left alone, given the disk's size. */
  reserveBytes?: (totalBytes: number) => number;
}

export interface DiskUse {
  usedBytes: number;
  quotaBytes: number;
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

  constructor(fileSystem: FileSystem, folder: string, options: DiskSpaceOptions = {}) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
    this.#quotaBytes = options.quotaBytes ?? DEFAULT_QUOTA_BYTES;
    this.#reserveOf = options.reserveBytes ?? ((totalBytes) => Math.max(MIN_RESERVE_BYTES, RESERVE_SHARE * totalBytes));
  }

  async use(): Promise<DiskUse> {
    const { freeBytes, totalBytes } = await this.#fileSystem.freeSpace(this.#folder);
    return {
      usedBytes: this.usedBytes,
      quotaBytes: this.#quotaBytes,
      freeBytes,
      reserveBytes: this.#reserveOf(totalBytes),
    };
  }

  /** Makes sure that `bytes` more fit, purging old results if need be; throws ImpastoError("disk-full"). */
  async ensure(bytes: number, doing: string): Promise<void> {
    let missing = await this.#missing(bytes);
    if (missing > 0 && (await this.makeRoom(missing)) > 0) missing = await this.#missing(bytes);
    if (missing > 0) throw diskFull(doing);
  }

  /** True when work that stopped for want of room may go on. */
  async hasRoom(bytes: number): Promise<boolean> {
    try {
      return (await this.#missing(bytes)) <= 0;
    } catch (error) {
      if (error instanceof ImpastoError) return false;
      throw error;
    }
  }

  async #missing(bytes: number): Promise<number> {
    try {
      const { usedBytes, quotaBytes, freeBytes, reserveBytes } = await this.use();
      return Math.max(usedBytes + bytes - quotaBytes, bytes + reserveBytes - freeBytes);
    } catch (error) {
      throw storageError(error, "looking at the disk");
    }
  }
}
