// JPEG (ITU T.81): segments up to the first frame header (SOF0 … SOF15 but DHT, JPG, DAC), which holds the size.

import { type ByteReader, HeaderError, KindError, type PictureHeader } from "./header.ts";
import { countViews } from "./multi-picture.ts";

const NOT_FRAMES = new Set([0xc4, 0xc8, 0xcc]);
/** ITU T.87: another method under the same beginning. */
const JPEG_LS_FRAME = 0xf7;
/** Where, among others, the index of a file of several pictures stands. */
const APP2 = 0xe2;

/** A frame header follows, which says what the scans hold. */
export function isFrameMarker(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !NOT_FRAMES.has(marker);
}

export function isJpeg(reader: ByteReader): boolean {
  return reader.has(0, 3) && reader.u16(0) === 0xffd8;
}

export function readJpegHeader(reader: ByteReader): PictureHeader {
  let at = 2;
  let pages = 1;
  for (;;) {
    if (reader.u8(at) !== 0xff) {
      at += 1; // strays between segments, which decoders step over too
      continue;
    }
    const marker = reader.u8(at + 1);
    if (marker === 0xff) {
      at += 1; // a fill byte
      continue;
    }
    if (marker === 0x00 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2; // markers without a body
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) throw new HeaderError("it has no size in its header");
    if (marker === JPEG_LS_FRAME) {
      throw new KindError("is a JPEG-LS picture, which is not read", "Export it as PNG or as an ordinary JPEG.");
    }
    if (isFrameMarker(marker)) {
      const bits = reader.u8(at + 4);
      if (bits > 8 && bits <= 16) {
        throw new KindError(`is a JPEG of ${bits} bits a channel, of which 8 are read`, "Export it as PNG or TIFF.");
      }
      return { format: "jpeg", width: reader.u16(at + 7), height: reader.u16(at + 5), pages };
    }
    const length = reader.u16(at + 2);
    if (length < 2) throw new HeaderError("its header is damaged");
    if (marker === APP2 && length > 6 && reader.ascii(at + 4, 4) === "MPF\0") pages = countViews(reader, at + 8);
    at += 2 + length;
  }
}
