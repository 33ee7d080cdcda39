// AVIF (ISO/IEC 23000-22 over HEIF): the sizes stand in the `ispe` properties of meta/iprp/ipco, one for each item
// (the picture, its alpha, its tiles, its thumbnail). A lie in any of them is a bomb, so the largest side of each counts.

import { type ByteReader, HeaderError, type PictureHeader } from "./header.ts";

const CONTAINERS = new Set(["iprp", "ipco"]);
const MAX_BOXES = 4096;
/** meta, iprp, ipco. */
const MAX_DEPTH = 3;

interface Box {
  type: string;
  start: number;
  end: number;
}

export function isAvif(reader: ByteReader): boolean {
  if (!reader.has(0, 12) || reader.ascii(4, 4) !== "ftyp") return false;
  const end = Math.min(reader.u32(0), reader.length, 256);
  for (let at = 8; at + 4 <= end; at += 4) {
    if (at !== 12 && ["avif", "avis"].includes(reader.ascii(at, 4))) return true;
  }
  return false;
}

export function readAvifHeader(reader: ByteReader): PictureHeader {
  let width = 0;
  let height = 0;
  let left = MAX_BOXES;
  const visit = (start: number, end: number, depth = 0): void => {
    for (const box of boxes(reader, start, end)) {
      if (--left < 0 || depth > MAX_DEPTH) throw new HeaderError("its header is damaged");
      if (box.type === "ispe") {
        width = Math.max(width, reader.u32(box.start + 4));
        height = Math.max(height, reader.u32(box.start + 8));
      } else if (box.type === "meta") {
        visit(box.start + 4, box.end, depth + 1); // a full box: version and flags first
      } else if (CONTAINERS.has(box.type)) {
        visit(box.start, box.end, depth + 1);
      }
    }
  };
  visit(0, reader.length);
  if (width === 0) throw new HeaderError("it has no size in its header");
  return { format: "avif", width, height, pages: 1 };
}

function* boxes(reader: ByteReader, start: number, end: number): Generator<Box> {
  let at = start;
  while (at + 8 <= end) {
    let size = reader.u32(at);
    let header = 8;
    if (size === 1) {
      size = reader.u64(at + 8);
      header = 16;
    } else if (size === 0) {
      size = end - at;
    }
    if (size < header) throw new HeaderError("its header is damaged");
    yield { type: reader.ascii(at + 4, 4), start: at + header, end: Math.min(at + size, end) };
    at += size;
  }
}
