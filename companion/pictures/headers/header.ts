// What the header of a picture says, and how the readers of headers refuse.

import { ImpastoError } from "../../protocol/errors.ts";
import type { InputFormat } from "../../protocol/picture-kinds.ts";
import type { CodePoints } from "../color/code-points.ts";

/** Size as stored, before the orientation that EXIF tells, px. */
export interface PictureHeader {
  format: InputFormat;
  width: number;
  height: number;
  /** Frames or pages where the header tells, else 1. */
  pages: number;
  /** Sides that some part of the file claims beyond its picture's: what a decoder may be made to allocate. */
  bound?: { width: number; height: number };
  /** HEIF: colors by number. */
  codePoints?: CodePoints;
  /** HEIF: colors are stored multiplied by alpha. */
  isPremultiplied?: boolean;
  /** AVIF: gray whose black and white are those of video, which the decoder leaves as they are. */
  isNarrowGray?: boolean;
  /** HEIC: where the profile begins and ends in the file. */
  profileAt?: [number, number];
  tiff?: TiffLayout;
}

/** What is to be known of a TIFF beside its size. */
export interface TiffLayout {
  /** Which directory holds the picture, from 0: previews may come first. */
  page: number;
  /** Where in a pixel's samples alpha stands; null for none. What other extra samples mean is nobody's business here. */
  alphaAt: number | null;
  /** Samples that are color: 1, 3 or 4. */
  colorChannels: number;
  /** All samples of a pixel. */
  channels: number;
}

/** Thrown by a header's reader; the caller, who knows the file's name, turns it into a sentence. */
export class HeaderError extends Error {
  override readonly name = "HeaderError";
}

/** Thrown for a file that is in order and not for us; `what` follows the file's name. */
export class KindError extends Error {
  override readonly name = "KindError";
  readonly hint: string;

  constructor(what: string, hint: string) {
    super(what);
    this.hint = hint;
  }
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

  /** Nothing more can be read. */
  get isSpent(): boolean {
    return this.readsLeft < 0;
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
