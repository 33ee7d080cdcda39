// A small picture of a large one, for lists. In the engine child: a result may be a worker's, which nobody here has seen.

import { ImpastoError } from "../protocol/errors.ts";
import { sharp } from "./codec.ts";

/** Sharp on a dense screen where three stand side by side in the panel. */
const THUMBNAIL_PX = 192;

/**
 * The PNG at `path` is read once, row by row. PNG with the alpha it had; its long side at most THUMBNAIL_PX.
 * @throws ImpastoError("bad-picture") for one that is damaged
 */
export async function shrinkPng(path: string): Promise<Uint8Array> {
  try {
    return await sharp(path, { sequentialRead: true })
      .resize(THUMBNAIL_PX, THUMBNAIL_PX, { fit: "inside", withoutEnlargement: true })
      .png()
      .toBuffer();
  } catch (cause) {
    if (cause instanceof ImpastoError) throw cause;
    throw new ImpastoError("bad-picture", "The result is a damaged picture.", { hint: "Run the job again.", cause });
  }
}
