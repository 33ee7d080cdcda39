// A small picture of a large one of our own, for lists.

import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sharp } from "./codec.ts";

/** Sharp on a dense screen where three stand side by side in the panel. */
const THUMBNAIL_PX = 192;

/** `png` is read once, row by row. PNG with the alpha it had; its long side at most THUMBNAIL_PX. */
export async function shrinkPng(png: Readable): Promise<Buffer> {
  const shrink = sharp({ sequentialRead: true })
    .resize(THUMBNAIL_PX, THUMBNAIL_PX, { fit: "inside", withoutEnlargement: true })
    .png();
  const [, bytes] = await Promise.all([pipeline(png, shrink), shrink.toBuffer()]);
  return bytes;
}
