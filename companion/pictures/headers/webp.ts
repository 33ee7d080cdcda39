// WebP (RFC 9649): RIFF with VP8 (lossy), VP8L (lossless) or VP8X (extended: alpha, animation, metadata).

import { type ByteReader, HeaderError, type PictureHeader } from "./header.ts";

const ANIMATION_FLAG = 0x02;

export function isWebp(reader: ByteReader): boolean {
  return reader.has(0, 12) && reader.ascii(0, 4) === "RIFF" && reader.ascii(8, 4) === "WEBP";
}

export function readWebpHeader(reader: ByteReader): PictureHeader {
  switch (reader.ascii(12, 4)) {
    case "VP8 ":
      if (reader.u24le(23) !== 0x2a019d) throw new HeaderError("its header is damaged");
      return { format: "webp", width: reader.u16(26, true) & 0x3fff, height: reader.u16(28, true) & 0x3fff, pages: 1 };
    case "VP8L": {
      if (reader.u8(20) !== 0x2f) throw new HeaderError("its header is damaged");
      const bits = reader.u32(21, true);
      return { format: "webp", width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, pages: 1 };
    }
    case "VP8X": {
      const pages = (reader.u8(20) & ANIMATION_FLAG) !== 0 ? Math.max(1, countFrames(reader)) : 1;
      return { format: "webp", width: reader.u24le(24) + 1, height: reader.u24le(27) + 1, pages };
    }
    default:
      throw new HeaderError("its header is damaged");
  }
}

function countFrames(reader: ByteReader): number {
  let frames = 0;
  let at = 12;
  while (reader.has(at, 8)) {
    if (reader.ascii(at, 4) === "ANMF") frames += 1;
    const size = reader.u32(at + 4, true);
    at += 8 + size + (size & 1);
  }
  return frames;
}
