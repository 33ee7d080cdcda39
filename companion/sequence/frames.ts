// The frames of a sequence, one at a time: pictures in their order, or what a video holds.

import { createHash } from "node:crypto";
import { basename } from "node:path";
import { readOrdinaryFile } from "../files.ts";
import { checkFileSize } from "../pictures/read-header.ts";
import { ImpastoError, orFileProblem } from "../protocol/errors.ts";

export interface Frame {
  name: string;
  /** Of a picture file; empty where it cannot be read. */
  bytes: Uint8Array;
  sha256: string;
  /** Why it cannot be read. */
  problem?: ImpastoError;
}

export interface FrameSource {
  /** How many there are; null where nobody knows before the end. */
  total: number | null;
  /** The same for the same first `count` frames. */
  identity(count: number): Promise<string>;
  /** From the one with this index on. */
  frames(first: number): AsyncIterable<Frame>;
}

export function pictureFrames(paths: readonly string[]): FrameSource {
  /** By count of frames, as far as they have been read. */
  const identities = [""];
  const read = async (index: number): Promise<Frame> => {
    const path = paths[index] as string;
    const name = basename(path);
    const bytes = await orFileProblem(() => readOrdinaryFile(path, (size) => checkFileSize(size, name)));
    const frame =
      bytes instanceof ImpastoError
        ? { name, bytes: new Uint8Array(), sha256: "", problem: bytes }
        : { name, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
    identities[index + 1] ??= createHash("sha256").update(`${identities[index]}${frame.sha256}`).digest("hex");
    return frame;
  };
  return {
    total: paths.length,
    async identity(count) {
      for (let index = identities.length - 1; index < count; index++) await read(index);
      return identities[count] as string;
    },
    async *frames(first) {
      for (let index = first; index < paths.length; index++) yield await read(index);
    },
  };
}
