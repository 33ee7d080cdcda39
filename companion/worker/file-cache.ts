// Files that a worker got from its companion, by their hashes: frames of a batch share their style.

import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ImpastoError } from "../protocol/errors.ts";
import { isTemporary, temporaryPath } from "../storage/durable-file.ts";
import { storageError } from "../storage/file-system.ts";

const LIMIT_BYTES = 2 * 1024 ** 3;
/** What was used so lately may be in use. */
const IN_USE_MS = 3_600_000;

export class FileCache {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #loading = new Map<string, Promise<string>>();

  constructor(folder: string, limitBytes: number = LIMIT_BYTES) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
  }

  /** Path of the file; `load` brings it where it is not there. Throws "hash-mismatch" for another one. */
  get(sha256: string, load: () => Promise<Uint8Array>): Promise<string> {
    const loading = this.#loading.get(sha256) ?? this.#find(sha256, load).finally(() => this.#loading.delete(sha256));
    this.#loading.set(sha256, loading);
    return loading;
  }

  async #find(sha256: string, load: () => Promise<Uint8Array>): Promise<string> {
    const path = join(this.#folder, sha256);
    const now = new Date();
    // It appeared there whole and under its hash.
    const isThere = await utimes(path, now, now).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
    const bytes = await load();
    if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
      throw new ImpastoError("hash-mismatch", "The companion sent another file than it promised.");
    }
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await this.#makeRoom(bytes.length);
      const temporary = temporaryPath(this.#folder);
      await writeFile(temporary, bytes, { mode: 0o600, flag: "wx" });
      await rename(temporary, path);
    } catch (error) {
      throw storageError(error, "a file for the worker");
    }
    return path;
  }

  async #makeRoom(bytes: number): Promise<void> {
    const names = await readdir(this.#folder);
    const found = await Promise.all(
      names.map(async (name) => {
        const stats = await stat(join(this.#folder, name)).catch(() => null);
        return stats === null ? null : { name, bytes: stats.size, usedAt: stats.mtimeMs };
      }),
    );
    const files = found.filter((file) => file !== null).sort((a, b) => a.usedAt - b.usedAt);
    let excess = files.reduce((sum, file) => sum + file.bytes, 0) + bytes - this.#limitBytes;
    for (const file of files) {
      const isOld = Date.now() - file.usedAt > IN_USE_MS;
      if (!isOld || (excess <= 0 && !isTemporary(file.name))) continue;
      await rm(join(this.#folder, file.name), { force: true });
      excess -= file.bytes;
    }
  }
}
