// A learned style as one file: every door of ours takes it for the style picture that it is, and the detailer that learned
// it is in segments of it. Of several styles it is the first one's picture; those of the others are in segments, too.

import { parseFile } from "../networks/safetensors.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_SEGMENT_BYTES, segmentHead, styleSegmentsOf } from "../protocol/style-segments.ts";
import { notesIn } from "./members.ts";

const DETAILER = "Impasto\0";
const PICTURES = "ImpastoPictures\0";
/** Behind the signature: number of the part from 0, count of parts. */
const NUMBERS_BYTES = 4;
/** Five times what the largest of ours takes. */
const MAX_BYTES = 8 << 20;

export interface LearnedFile {
  detailer: Uint8Array;
  /** JPEGs of the styles after the first. */
  others: readonly Uint8Array[];
}

/** `jpeg`: whole; what was learned goes behind its first marker. */
export function putLearned(jpeg: Uint8Array, { detailer, others }: LearnedFile): Uint8Array {
  const pictures = others.length === 0 ? [] : partsOf(PICTURES, Buffer.concat(others));
  return Buffer.concat([jpeg.subarray(0, 2), ...partsOf(DETAILER, detailer), ...pictures, jpeg.subarray(2)]);
}

/**
 * What was put into it; null where the file is no learned style. Looks no further than the segments before the picture.
 * @throws ImpastoError("bad-picture") where parts of it are missing
 */
export function takeLearned(file: Uint8Array): LearnedFile | null {
  const detailer = joinParts(file, DETAILER);
  if (detailer === null) return null;
  const pictures = joinParts(file, PICTURES);
  if (pictures === null) return { detailer, others: [] };
  const [, ...sizes] = notesIn(parseFile(detailer).metadata).map(({ pictureBytes }) => pictureBytes);
  let end = 0;
  const others = sizes.map((size) => {
    end += size;
    return pictures.subarray(end - size, end);
  });
  if (end !== pictures.length) throw damaged();
  return { detailer, others };
}

/** Made to hold several, which may be one so far. */
export function isOfSeveral({ detailer }: LearnedFile): boolean {
  return notesIn(parseFile(detailer).metadata).length > 0;
}

/** The JPEG into which it was put. */
export function pictureOf(file: Uint8Array): Uint8Array {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, body } of styleSegmentsOf(bytes)) {
    if (!isSigned(body, DETAILER) && !isSigned(body, PICTURES)) continue;
    parts.push(bytes.subarray(from, start));
    from = end;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}

function partsOf(signature: string, bytes: Uint8Array): Uint8Array[] {
  const headBytes = signature.length + NUMBERS_BYTES;
  const partBytes = MAX_SEGMENT_BYTES - headBytes;
  const count = Math.ceil(bytes.length / partBytes);
  return Array.from({ length: count }, (_, part) => {
    const data = bytes.subarray(part * partBytes, (part + 1) * partBytes);
    const head = Buffer.alloc(headBytes);
    head.write(signature, "latin1");
    head.writeUInt16BE(part, signature.length);
    head.writeUInt16BE(count, signature.length + 2);
    return [segmentHead(headBytes + data.length), head, data];
  }).flat();
}

function joinParts(file: Uint8Array, signature: string): Buffer | null {
  const headBytes = signature.length + NUMBERS_BYTES;
  const parts: Buffer[] = [];
  let expected = 0;
  let size = 0;
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  for (const { start, end } of styleSegmentsOf(bytes)) {
    const body = bytes.subarray(start + 4, end);
    if (body.length <= headBytes || !isSigned(body, signature)) continue;
    const part = body.readUInt16BE(signature.length);
    expected = body.readUInt16BE(signature.length + 2);
    if (part !== parts.length) throw damaged();
    parts.push(body.subarray(headBytes));
    size += body.length - headBytes;
  }
  if (parts.length === 0) return null;
  if (parts.length !== expected || size > MAX_BYTES) throw damaged();
  return Buffer.concat(parts);
}

function isSigned(body: Uint8Array, signature: string): boolean {
  return [...signature].every((character, at) => body[at] === character.charCodeAt(0));
}

function damaged(): ImpastoError {
  return new ImpastoError("bad-picture", "This learned style is damaged: a part of what was learned is missing.", {
    hint: "Take another copy of the file, or learn the style again.",
  });
}
