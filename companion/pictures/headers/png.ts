// PNG (W3C PNG 3rd edition): the signature is followed by IHDR; acTL before IDAT says that it is animated.

import { type ByteReader, HeaderError, KindError, type PictureHeader } from "./header.ts";

export function isPng(reader: ByteReader): boolean {
  return reader.has(0, 8) && reader.u32(0) === 0x89504e47 && reader.u32(4) === 0x0d0a1a0a;
}

export function readPngHeader(reader: ByteReader): PictureHeader {
  if (reader.ascii(12, 4) === "CgBI") {
    throw new KindError(
      "is a PNG in the form of iPhone apps, which only they read",
      "Open it in Preview and export it again.",
    );
  }
  if (reader.ascii(12, 4) !== "IHDR" || reader.u32(8) !== 13) throw new HeaderError("its header is damaged");
  return { format: "png", width: reader.u32(16), height: reader.u32(20), pages: animationFrames(reader) };
}

function animationFrames(reader: ByteReader): number {
  let at = 33;
  while (reader.has(at, 12)) {
    const type = reader.ascii(at + 4, 4);
    if (type === "acTL") return reader.u32(at + 8);
    if (type === "IDAT") return 1;
    at += 12 + reader.u32(at);
  }
  return 1;
}
