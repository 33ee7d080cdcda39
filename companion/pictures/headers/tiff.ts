// TIFF 6.0 and BigTIFF: the first directory's ImageWidth and ImageLength; each further directory is a page.

import { type ByteReader, HeaderError, type PictureHeader } from "./header.ts";

const IMAGE_WIDTH = 256;
const IMAGE_LENGTH = 257;
const SHORT = 3;
const LONG = 4;
const LONG8 = 16;
const MAX_PAGES = 1000;

/** Where the fields of a directory stand: TIFF has 12-byte entries, BigTIFF 20-byte ones. */
interface Layout {
  little: boolean;
  big: boolean;
}

export function isTiff(reader: ByteReader): boolean {
  if (!reader.has(0, 8)) return false;
  const order = reader.ascii(0, 2);
  if (order !== "II" && order !== "MM") return false;
  return [42, 43].includes(reader.u16(2, order === "II"));
}

export function readTiffHeader(reader: ByteReader): PictureHeader {
  const little = reader.ascii(0, 2) === "II";
  const layout: Layout = { little, big: reader.u16(2, little) === 43 };
  let at = layout.big ? reader.u64(8, little) : reader.u32(4, little);
  const { width, height, next } = readDirectory(reader, at, layout);
  let pages = 1;
  for (at = next; at !== 0 && pages < MAX_PAGES; pages++) at = readDirectory(reader, at, layout).next;
  return { format: "tiff", width, height, pages };
}

function readDirectory(reader: ByteReader, at: number, { little, big }: Layout) {
  const count = big ? reader.u64(at, little) : reader.u16(at, little);
  const first = at + (big ? 8 : 2);
  const entryBytes = big ? 20 : 12;
  if (count > 65_535) throw new HeaderError("its header is damaged");
  let width = 0;
  let height = 0;
  for (let i = 0; i < count; i++) {
    const entry = first + i * entryBytes;
    const tag = reader.u16(entry, little);
    if (tag !== IMAGE_WIDTH && tag !== IMAGE_LENGTH) continue;
    const value = readValue(reader, entry, { little, big });
    if (tag === IMAGE_WIDTH) width = value;
    else height = value;
  }
  const end = first + count * entryBytes;
  return { width, height, next: big ? reader.u64(end, little) : reader.u32(end, little) };
}

function readValue(reader: ByteReader, entry: number, { little, big }: Layout): number {
  const type = reader.u16(entry + 2, little);
  const at = entry + (big ? 12 : 8);
  if (type === SHORT) return reader.u16(at, little);
  if (type === LONG) return reader.u32(at, little);
  if (type === LONG8 && big) return reader.u64(at, little);
  throw new HeaderError("its header is damaged");
}
