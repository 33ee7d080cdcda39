// What the header of a picture says, and how the readers of headers refuse.

import { ImpastoError } from "../../protocol/errors.ts";

export const INPUT_FORMATS = ["png", "jpeg", "webp", "avif", "tiff"] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

/** Size as stored, before orientation, px. `pages` counts frames or pages where the header tells, else 1. */
export interface PictureHeader {
  format: InputFormat;
  width: number;
  height: number;
  pages: number;
}

/** Thrown by a header's reader; the caller, who knows the file's name, turns it into a sentence. */
export class HeaderError extends Error {
  override readonly name = "HeaderError";
}

/**
 * Far more than a picture's header takes, and a few milliseconds: a file of 64 MiB may be made of nothing but
 * segments to step over, or of directories that lead to themselves.
 */
const MAX_READS = 100_000;

/** A view over `bytes` whose reads end in HeaderError, never in a RangeError or in undefined, and not too late. */
export class ByteReader {
  readonly length: number;
  private readonly view: DataView;
  private readsLeft = MAX_READS;

  constructor(bytes: Uint8Array) {
    this.length = bytes.byteLength;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(at: number): number {
    return this.view.getUint8(this.within(at, 1));
  }
  u16(at: number, littleEndian = false): number {
    return this.view.getUint16(this.within(at, 2), littleEndian);
  }
  u24le(at: number): number {
    return this.u16(at, true) | (this.u8(at + 2) << 16);
  }
  u32(at: number, littleEndian = false): number {
    return this.view.getUint32(this.within(at, 4), littleEndian);
  }
  /** As a number: exact up to 2^53, beyond every limit that is checked. */
  u64(at: number, littleEndian = false): number {
    return Number(this.view.getBigUint64(this.within(at, 8), littleEndian));
  }
  ascii(at: number, count: number): string {
    this.within(at, count);
    let text = "";
    for (let i = 0; i < count; i++) text += String.fromCharCode(this.view.getUint8(at + i));
    return text;
  }
  has(at: number, count: number): boolean {
    return at >= 0 && at + count <= this.length;
  }

  private within(at: number, count: number): number {
    if (!this.has(at, count)) throw new HeaderError("it ends too early");
    if (--this.readsLeft < 0) throw new HeaderError("its header is damaged");
    return at;
  }
}

/** @throws ImpastoError("bad-picture") with the reason why `name` is no picture. */
export function badPicture(name: string, reason: string, cause?: unknown): ImpastoError {
  return new ImpastoError("bad-picture", `${name} cannot be read as a picture: ${reason}.`, {
    hint: "Open it in an image editor and export it again as PNG or JPEG.",
    cause,
  });
}
