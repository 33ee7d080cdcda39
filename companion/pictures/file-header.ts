// The header of a picture that is a file, without holding the file.

import { ImpastoError } from "../protocol/errors.ts";
import type { FileSystem } from "../storage/file-system.ts";
import type { PictureHeader } from "./headers/header.ts";
import { readPictureHeader } from "./read-header.ts";

/** Errors: as readPictureHeader, and those of the file system. */
export async function readFileHeader(fileSystem: FileSystem, path: string, name: string): Promise<PictureHeader> {
  for await (const beginning of fileSystem.pieces(path)) {
    const header = headerIn(beginning, name);
    if (header !== null) return header;
    break;
  }
  return readPictureHeader(await fileSystem.read(path), name);
}

/** Null where it is not to be found at the beginning: it follows long metadata, or is damaged. Errors: what else is wrong. */
export function headerIn(beginning: Uint8Array, name: string): PictureHeader | null {
  try {
    return readPictureHeader(beginning, name);
  } catch (error) {
    if (error instanceof ImpastoError && error.code === "bad-picture") return null;
    throw error;
  }
}
