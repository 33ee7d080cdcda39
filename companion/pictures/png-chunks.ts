// Chunks added to a finished PNG, right after IHDR, or taken out of it: what the encoder offers no option for.

import { crc32, deflateSync } from "node:zlib";

/** Signature (8) and IHDR (4 length, 4 type, 13 data, 4 checksum). */
const AFTER_IHDR = 33;

/** Adds an iCCP chunk; the pixels stay as they are. */
export function embedPngProfile(png: Uint8Array, profileName: string, profile: Uint8Array): Uint8Array {
  const compressionMethod = 0;
  const head = Buffer.from(`${profileName}\0${String.fromCharCode(compressionMethod)}`, "latin1");
  return insertPngChunk(png, "iCCP", Buffer.concat([head, deflateSync(profile)]));
}

/** Adds one chunk of any type. */
export function insertPngChunk(png: Uint8Array, type: string, data: Uint8Array): Uint8Array {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([png.subarray(0, AFTER_IHDR), length, typed, checksum, png.subarray(AFTER_IHDR)]);
}

/** A copy without the chunks of this type. */
export function removePngChunks(png: Uint8Array, type: string): Uint8Array {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const parts = [bytes.subarray(0, 8)];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) !== type) parts.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}
