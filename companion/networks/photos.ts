// The pictures of a folder, decoded one after another to RGB for measuring.

import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { readPictureFile } from "../pictures/files.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { PICTURE_EXTENSIONS } from "../protocol/picture-kinds.ts";
import type { FeatureMap } from "./forward.ts";

const EXTENSIONS: ReadonlySet<string> = new Set(PICTURE_EXTENSIONS.map((extension) => `.${extension}`));

/** Paths in the order of their names, at most `limit`, spread over the folder. Throws file-not-found. */
export async function listPhotos(folder: string, limit: number): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw new ImpastoError("file-not-found", `There is no folder ${folder}.`, { cause });
  }
  const photos = names.filter((name) => EXTENSIONS.has(extname(name).toLowerCase())).sort();
  const count = Math.min(limit, photos.length);
  return Array.from({ length: count }, (_, i) =>
    join(folder, photos[Math.floor((i * photos.length) / count)] as string),
  );
}

/** [3, H, W] with at most `sizePx` on the long side; transparency is ignored. Throws bad-picture, file-not-readable. */
export async function* readPhotos(paths: readonly string[], sizePx: number): AsyncGenerator<FeatureMap> {
  for (const path of paths) {
    const { picture } = await readPictureFile(path, { maxSide: sizePx });
    const { width, height, data } = picture;
    yield { channels: 3, width, height, data: data.subarray(0, 3 * width * height) };
  }
}
