// A picture of a kind that browsers do not read, as one that they do. In the engine child: what strangers made is decoded
// where nothing else is lost with it.

import { decodePicture, requireUsable } from "../pictures/decode.ts";
import { encodePicture } from "../pictures/encode.ts";
import type { FileSystem } from "../storage/file-system.ts";
import type { PictureFile } from "./messages.ts";

export interface ConvertedPicture {
  bytes: Uint8Array;
  /** What a person should know: only the first page was taken, and the like. Each follows the file's name. */
  notes: string[];
}

/**
 * At the picture's own size: JPEG, or PNG where something shows through.
 * @throws ImpastoError as decodePicture
 */
export async function convertPicture({ path, name }: PictureFile, fileSystem: FileSystem): Promise<ConvertedPicture> {
  const decoded = await decodePicture(await fileSystem.read(path), name);
  requireUsable(decoded, name);
  const { picture, density, notes } = decoded;
  const isOpaque = picture.data.length === 3 * picture.width * picture.height;
  const bytes = await encodePicture(picture, isOpaque ? "jpeg" : "png", { density, inPassing: true });
  return { bytes, notes };
}
