// A learned style as one file: every door of ours takes it for the style picture that it is, and the detailer that learned
// it is in segments of it.

import { ImpastoError } from "../protocol/errors.ts";
import { MAX_SEGMENT_BYTES, segmentHead, styleSegmentsOf } from "../protocol/style-segments.ts";

const SIGNATURE = "Impasto\0";
/** Signature, number of the part from 0, count of parts. */
const PART_HEAD = SIGNATURE.length + 4;
const PART_BYTES = MAX_SEGMENT_BYTES - PART_HEAD;
/** Five times what the largest of ours takes. */
const MAX_DETAILER_BYTES = 8 << 20;

/** `jpeg`: whole; the detailer goes behind its first marker. */
export function putDetailer(jpeg: Uint8Array, detailer: Uint8Array): Uint8Array {
  const count = Math.ceil(detailer.length / PART_BYTES);
  const parts: Uint8Array[] = [jpeg.subarray(0, 2)];
  for (let part = 0; part < count; part++) {
    const data = detailer.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    const head = Buffer.alloc(PART_HEAD);
    head.write(SIGNATURE, "latin1");
    head.writeUInt16BE(part, SIGNATURE.length);
    head.writeUInt16BE(count, SIGNATURE.length + 2);
    parts.push(segmentHead(PART_HEAD + data.length), head, data);
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
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  for (const { start, end } of styleSegmentsOf(bytes)) {
    const body = bytes.subarray(start + 4, end);
    if (body.length <= PART_HEAD) continue;
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

function damaged(): ImpastoError {
  return new ImpastoError("bad-picture", "This learned style is damaged: a part of what was learned is missing.", {
    hint: "Take another copy of the file, or learn the style again.",
  });
}
