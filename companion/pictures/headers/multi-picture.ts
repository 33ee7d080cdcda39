// Multi-Picture Format (CIPA DC-007) inside JPEG: an index of the pictures that follow the first in the same file.

import { type ByteReader, HeaderError } from "./header.ts";

const ENTRIES_TAG = 0xb002;
const ENTRY_BYTES = 16;
/** No camera takes more views. */
const MAX_ENTRIES = 1000;
/** Views of a panorama, of a stereo pair, and from several angles. Others are previews, depth and gain maps of the one picture. */
const VIEWS = new Set([0x020001, 0x020002, 0x020003]);

/** How many views the file holds; 1 where the index, which begins at `at`, is broken: the first picture is there all the same. */
export function countViews(reader: ByteReader, at: number): number {
  try {
    return countIn(reader, at);
  } catch (error) {
    if (!(error instanceof HeaderError) || reader.isSpent) throw error;
    return 1;
  }
}

function countIn(reader: ByteReader, at: number): number {
  const little = reader.ascii(at, 2) === "II";
  const directory = at + reader.u32(at + 4, little);
  const fields = reader.u16(directory, little);
  for (let i = 0; i < fields; i++) {
    const field = directory + 2 + 12 * i;
    if (reader.u16(field, little) !== ENTRIES_TAG) continue;
    const entries = at + reader.u32(field + 8, little);
    const count = Math.min(MAX_ENTRIES, Math.floor(reader.u32(field + 4, little) / ENTRY_BYTES));
    // The first is a view among others, or called the primary picture.
    let views = 1;
    for (let entry = 1; entry < count; entry++) {
      if (VIEWS.has(reader.u32(entries + entry * ENTRY_BYTES, little) & 0xffffff)) views += 1;
    }
    return views;
  }
  return 1;
}
