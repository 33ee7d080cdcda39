// A learned style as one file: a JPEG of its picture, so that every program shows it and every door of ours takes it for
// the style picture that it is, with the detailer that learned it in segments of its own (ITU T.81, APP9).

import { ImpastoError } from "../protocol/errors.ts";

const SIGNATURE = "Impasto\0";
const MARKER = 0xe9;
/** Signature, number of the part from 0, count of parts. */
const PART_HEAD = SIGNATURE.length + 4;
/** A segment holds 65,533 bytes. */
const PART_BYTES = 65_533 - PART_HEAD;
/** Five times what the largest of ours takes. */
const MAX_DETAILER_BYTES = 8 << 20;

/** `jpeg`: whole; the detailer goes behind its first marker. */
export function putDetailer(jpeg: Uint8Array, detailer: Uint8Array): Uint8Array {
  const count = Math.ceil(detailer.length / PART_BYTES);
  const parts: Uint8Array[] = [jpeg.subarray(0, 2)];
  for (let part = 0; part < count; part++) {
    const data = detailer.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    const head = Buffer.alloc(4 + PART_HEAD);
    head.writeUInt16BE(0xff00 | MARKER, 0);
    head.writeUInt16BE(2 + PART_HEAD + data.length, 2);
    head.write(SIGNATURE, 4, "latin1");
    head.writeUInt16BE(part, 4 + SIGNATURE.length);
    head.writeUInt16BE(count, 6 + SIGNATURE.length);
    parts.push(head, data);
  }
  return Buffer.concat([...parts, jpeg.subarray(2)]);
}

/**
 * What was put into it; null where the file is no learned style. Looks no further than the segments before the picture.
 * @throws ImpastoError("bad-picture") where parts of it are missing
 */
export function takeDetailer(file: Uint8Array): Uint8Array | null {
  const parts: Buffer[] = [];
  let expected = 0;
  for (const { marker, body } of segmentsOf(Buffer.from(file.buffer, file.byteOffset, file.byteLength))) {
    if (marker !== MARKER || body.length <= PART_HEAD) continue;
    if (body.toString("latin1", 0, SIGNATURE.length) !== SIGNATURE) continue;
    const part = body.readUInt16BE(SIGNATURE.length);
    expected = body.readUInt16BE(SIGNATURE.length + 2);
    if (part !== parts.length) throw damaged();
    parts.push(body.subarray(PART_HEAD));
  }
  if (parts.length === 0) return null;
  if (parts.length !== expected || parts.length * PART_BYTES > MAX_DETAILER_BYTES) throw damaged();
  return Buffer.concat(parts);
}

/** Up to the picture's own data, or to where the file is none of ours. */
function* segmentsOf(bytes: Buffer): Generator<{ marker: number; body: Buffer }> {
  let at = 2;
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] as number;
    const length = bytes.readUInt16BE(at + 2);
    if (marker < 0xc0 || marker === 0xda || length < 2 || at + 2 + length > bytes.length) return;
    yield { marker, body: bytes.subarray(at + 4, at + 2 + length) };
    at += 2 + length;
  }
}

function damaged(): ImpastoError {
  return new ImpastoError("bad-picture", "This learned style is damaged: a part of what was learned is missing.", {
    hint: "Take another copy of the file, or learn the style again.",
  });
}
