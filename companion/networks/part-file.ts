// The partial file of a download, NAME.part, and beside it NAME.part.json, which says of what it is a part:
// bytes are only added to what came from the same address in the same version.

import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { fileError } from "./disk.ts";

export interface PartIdentity {
  url: string;
  /** ETag or date, as sent in If-Range. */
  validator: string | null;
  /** Which bytes of the file are kept: "whole", or a list of ranges. */
  selection: string;
  totalBytes: number | null;
}

export class PartFile {
  readonly path: string;
  private readonly handle: FileHandle;
  private bytes: number;
  private identity_: PartIdentity | null;

  private constructor(path: string, handle: FileHandle, bytes: number, identity: PartIdentity | null) {
    this.path = path;
    this.handle = handle;
    this.bytes = bytes;
    this.identity_ = identity;
  }

  /** Opens what an earlier attempt left, or begins an empty one. */
  static async open(path: string): Promise<PartFile> {
    const identity = await readIdentity(path);
    try {
      const handle = await open(path, identity === null ? "w+" : "r+").catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
        return open(path, "w+");
      });
      const { size } = await handle.stat();
      return new PartFile(path, handle, size, size === 0 ? null : identity);
    } catch (error) {
      throw fileError(error, path);
    }
  }

  get size(): number {
    return this.bytes;
  }

  /** Null: there is nothing that could be resumed. */
  get identity(): PartIdentity | null {
    return this.identity_;
  }

  /** Empties the file; what is appended from now on belongs to `identity`. */
  async restart(identity: PartIdentity): Promise<void> {
    try {
      await this.handle.truncate(0).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EINVAL") throw error; // a device instead of a file
      });
      const sidecar = await open(`${this.path}.json`, "w");
      await sidecar.writeFile(JSON.stringify(identity)).finally(() => sidecar.close());
    } catch (error) {
      throw fileError(error, this.path);
    }
    this.bytes = 0;
    this.identity_ = identity;
  }

  async append(chunk: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < chunk.byteLength; ) {
        const { bytesWritten } = await this.handle.write(chunk, done, chunk.byteLength - done, this.bytes);
        done += bytesWritten;
        this.bytes += bytesWritten;
      }
    } catch (error) {
      throw fileError(error, this.path);
    }
  }

  /** Leaves no empty file behind. */
  async close(): Promise<void> {
    await this.handle.close();
    if (this.bytes === 0) await removePart(this.path);
  }
}

export async function removePart(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}.json`, { force: true });
}

async function readIdentity(path: string): Promise<PartIdentity | null> {
  try {
    const { url, validator, selection, totalBytes } = JSON.parse(
      await readFile(`${path}.json`, "utf8"),
    ) as PartIdentity;
    const valid =
      typeof url === "string" &&
      typeof selection === "string" &&
      (validator === null || typeof validator === "string") &&
      (totalBytes === null || Number.isSafeInteger(totalBytes));
    return valid ? { url, validator, selection, totalBytes } : null;
  } catch {
    return null; // none, or cut off while it was written: begin anew
  }
}
