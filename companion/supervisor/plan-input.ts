// What the engine's plan asks for: sizes of pictures, from their headers.

import { readFileHeader } from "../pictures/file-header.ts";
import { mapPicturesInTurn, type RequestOf } from "../protocol/request.ts";
import type { Size } from "../protocol/sizing.ts";
import type { FileSystem } from "../storage/file-system.ts";
import type { PictureFile } from "./messages.ts";

/** Throws ImpastoError for what is no picture. */
export function planInput(request: RequestOf<PictureFile>, fileSystem: FileSystem): Promise<RequestOf<Size>> {
  return mapPicturesInTurn(request, async ({ path, name }: PictureFile): Promise<Size> => {
    const { width, height } = await readFileHeader(fileSystem, path, name);
    return { width, height };
  });
}
