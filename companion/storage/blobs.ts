// Pictures by their content: blobs/ab/<sha256>. A blob appears whole or not at all, is never changed, and is
// read back against its name, so that a damaged one is never served. No name on disk comes from outside.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ImpastoError } from "../protocol/errors.ts";
import type { DiskSpace } from "./disk-space.ts";
import { type Chunks, createDurably, isTemporary, publish, temporaryPath } from "./durable-file.ts";
import { type FileSystem, storageError } from "./file-system.ts";

const SHA256_PATTERN = /^[0-9a-f]{64}$/;
/** So much at the beginning of a stream is kept in memory to be looked at. */
const BEGINNING_BYTES = 256 * 1024;
/** The free space is looked at again after each such piece of a stream. */
const CHECK_EVERY_BYTES = 8 * 1024 * 1024;

export interface PutOptions {
  /** More is refused as "payload-too-large". */
  maxBytes: number;
  /** What the sender said it would send. */
  declaredBytes?: number | undefined;
  /** Looks at the file before it becomes a blob, all of it or its beginning; throws to refuse it. */
  inspect?: (path: string, beginning: Uint8Array) => Promise<void>;
}

export class BlobStore {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;
  readonly #temporaryFolder: string;
  readonly #space: DiskSpace;
  /** Blobs on their way to their final name. */
  readonly #publishing = new Set<string>();
  readonly #removing = new Map<string, Promise<void>>();
  /** Blobs whose content was found right, or written, by this process. */
  readonly #verified = new Set<string>();
  /** Folders of blobs that are there for good. */
  readonly #made = new Set<string>();

  constructor(fileSystem: FileSystem, folder: string, temporaryFolder: string, space: DiskSpace) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
    this.#temporaryFolder = temporaryFolder;
    this.#space = space;
  }

  /** Where the blob is, if it is there. */
  path(sha256: string): string {
    if (!SHA256_PATTERN.test(sha256)) throw new ImpastoError("bad-request", "That is no SHA-256.");
    return join(this.#folder, sha256.slice(0, 2), sha256);
  }

  /** [sync] Bytes of the blob, or null. */
  size(sha256: string): number | null {
    return this.#fileSystem.size(this.path(sha256));
  }

  /**
   * Reads `stream` to its end while hashing and stores it. Nothing remains when it throws: "hash-mismatch",
   * "payload-too-large", "disk-full", what `inspect` throws, or the stream's own error.
   */
  async put(sha256: string, stream: Chunks, options: PutOptions): Promise<{ bytes: number; created: boolean }> {
    const temporary = temporaryPath(this.#temporaryFolder);
    // It may break while the disk is asked; whoever reads it is told.
    if (stream instanceof Readable) stream.on("error", () => undefined);
    try {
      const known = (await this.verify(sha256)) ? this.size(sha256) : null;
      if (known === null) await this.#space.ensure(options.declaredBytes ?? 0, "this picture");
      const beginning: Uint8Array[] = [];
      const seen = { bytes: 0 };
      const checked = this.#checked(sha256, stream, options.maxBytes, seen, known === null ? beginning : null);
      if (known !== null) {
        for await (const _ of checked);
        return { bytes: known, created: false };
      }
      await createDurably(this.#fileSystem, temporary, checked);
      await options.inspect?.(temporary, Buffer.concat(beginning));
      const created = await this.#publish(temporary, sha256, seen.bytes);
      this.#verified.add(sha256);
      return { bytes: seen.bytes, created };
    } catch (error) {
      await this.#fileSystem.remove(temporary).catch(() => undefined);
      throw storageError(error, "storing a picture");
    }
  }

  /**
   * Takes over a finished file that is on the disk already; its content is held against `sha256` again.
   * May be called again for one that was taken over before.
   */
  async adopt(path: string, sha256: string): Promise<{ bytes: number; created: boolean }> {
    try {
      if (await this.verify(sha256)) return { bytes: this.size(sha256) ?? 0, created: false };
      const bytes = this.#fileSystem.size(path) ?? 0;
      if ((await this.#hashOf(path)) !== sha256) {
        throw new ImpastoError("hash-mismatch", "A result was damaged on its way to the disk.");
      }
      await this.#space.ensure(bytes, "the result");
      const created = await this.#publish(path, sha256, bytes);
      this.#verified.add(sha256);
      return { bytes, created };
    } catch (error) {
      throw storageError(error, "storing a result");
    } finally {
      await this.#fileSystem.remove(path).catch(() => undefined);
    }
  }

  /** The blob as a stream; null when it is missing or its content is not what its name says. */
  async open(sha256: string): Promise<{ stream: Readable; bytes: number } | null> {
    if (!(await this.verify(sha256))) return null;
    const bytes = this.size(sha256);
    return bytes === null ? null : { stream: createReadStream(this.path(sha256)), bytes };
  }

  /** True when the blob is there and whole; looks at its content once a process. A damaged one is removed. */
  async verify(sha256: string): Promise<boolean> {
    const path = this.path(sha256);
    if (this.size(sha256) === null) {
      this.#verified.delete(sha256);
      return false;
    }
    if (this.#verified.has(sha256)) return true;
    try {
      const right = (await this.#hashOf(path)) === sha256;
      if (right) this.#verified.add(sha256);
      else await this.remove(sha256);
      return right;
    } catch (error) {
      throw storageError(error, "reading a picture");
    }
  }

  /** Of several who remove it at the same time each waits for the one removal, and its room is counted once. */
  remove(sha256: string): Promise<void> {
    const removing = this.#removing.get(sha256) ?? this.#remove(sha256).finally(() => this.#removing.delete(sha256));
    this.#removing.set(sha256, removing);
    return removing;
  }

  async #remove(sha256: string): Promise<void> {
    const bytes = this.size(sha256);
    if (bytes === null) return;
    try {
      await this.#fileSystem.remove(this.path(sha256));
      this.#verified.delete(sha256);
      this.#space.usedBytes -= bytes;
    } catch (error) {
      throw storageError(error, "removing a picture");
    }
  }

  /** Removes what a crash left half-written; call it before anything is stored. */
  async sweep(): Promise<void> {
    try {
      await this.#fileSystem.makeFolder(this.#folder);
      await this.#fileSystem.makeFolder(this.#temporaryFolder);
      for (const name of await this.#fileSystem.list(this.#temporaryFolder)) {
        if (isTemporary(name)) await this.#fileSystem.remove(join(this.#temporaryFolder, name));
      }
    } catch (error) {
      throw storageError(error, "cleaning up");
    }
  }

  /** Everything on disk, for accounting. */
  async survey(): Promise<{ sha256: string; bytes: number }[]> {
    try {
      const found: { sha256: string; bytes: number }[] = [];
      for (const folder of await this.#fileSystem.list(this.#folder)) {
        for (const sha256 of await this.#fileSystem.list(join(this.#folder, folder))) {
          const bytes = SHA256_PATTERN.test(sha256) ? this.size(sha256) : null;
          if (bytes !== null) found.push({ sha256, bytes });
        }
      }
      return found;
    } catch (error) {
      throw storageError(error, "looking through the pictures");
    }
  }

  /** `seen`: counts. `beginning`: gets the first chunks of what is to be stored; null where nothing is. */
  async *#checked(
    sha256: string,
    stream: Chunks,
    maxBytes: number,
    seen: { bytes: number },
    beginning: Uint8Array[] | null,
  ): AsyncIterable<Uint8Array> {
    const hash = createHash("sha256");
    let uncheckedBytes = 0;
    for await (const chunk of unbroken(stream)) {
      if (seen.bytes < BEGINNING_BYTES) beginning?.push(chunk);
      seen.bytes += chunk.length;
      if (seen.bytes > maxBytes) {
        throw new ImpastoError("payload-too-large", `A picture may have ${Math.floor(maxBytes / 1024 ** 2)} MB.`, {
          hint: "Make it smaller first.",
        });
      }
      uncheckedBytes += chunk.length;
      if (beginning !== null && uncheckedBytes >= CHECK_EVERY_BYTES) {
        await this.#space.ensure(uncheckedBytes, "this picture");
        uncheckedBytes = 0;
      }
      hash.update(chunk);
      yield chunk;
    }
    if (hash.digest("hex") !== sha256) {
      throw new ImpastoError("hash-mismatch", "The picture that arrived is not the one that was announced.", {
        hint: "Send it again.",
      });
    }
  }

  async #hashOf(path: string): Promise<string> {
    const hash = createHash("sha256");
    for await (const piece of this.#fileSystem.pieces(path)) hash.update(piece);
    return hash.digest("hex");
  }

  async #makeFolder(name: string): Promise<void> {
    if (this.#made.has(name)) return;
    await this.#fileSystem.makeFolder(join(this.#folder, name));
    await this.#fileSystem.syncFolder(this.#folder);
    this.#made.add(name);
  }

  /** False when somebody else was faster. */
  async #publish(temporary: string, sha256: string, bytes: number): Promise<boolean> {
    const path = this.path(sha256);
    await this.#makeFolder(sha256.slice(0, 2));
    const created = this.size(sha256) === null && !this.#publishing.has(sha256);
    this.#publishing.add(sha256);
    try {
      await publish(this.#fileSystem, temporary, path);
      if (created) this.#space.usedBytes += bytes;
      return created;
    } catch (error) {
      // Somebody may have removed the folder.
      this.#made.delete(sha256.slice(0, 2));
      throw error;
    } finally {
      this.#publishing.delete(sha256);
    }
  }
}

async function* unbroken(stream: Chunks): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    if (error instanceof ImpastoError) throw error;
    throw new ImpastoError("bad-request", "The upload broke off.", { hint: "Send it again.", cause: error });
  }
}
