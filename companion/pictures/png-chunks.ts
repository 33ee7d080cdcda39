// Chunks added to a finished PNG, right after IHDR, or taken out of it: what the encoder offers no option for.

import { crc32, deflateSync } from "node:zlib";

const SIGNATURE_BYTES = 8;
/** Signature and IHDR (4 length, 4 type, 13 data, 4 checksum). */
const AFTER_IHDR = 33;

/** Adds an iCCP chunk; the pixels stay as they are. */
export function embedPngProfile(png: Uint8Array, profileName: string, profile: Uint8Array): Uint8Array {
  const compressionMethod = 0;
  const head = Buffer.from(`${profileName}\0${String.fromCharCode(compressionMethod)}`, "latin1");
  return insertPngChunk(png, "iCCP", Buffer.concat([head, deflateSync(profile)]));
}

/** Adds one chunk of any type. */
export function insertPngChunk(png: Uint8Array, type: string, data: Uint8Array): Uint8Array {
  return Buffer.concat([png.subarray(0, AFTER_IHDR), makePngChunk(type, data), png.subarray(AFTER_IHDR)]);
}

export function makePngChunk(type: string, data: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}

export interface PngChunk {
  type: string;
  /** Places of its length, and of what follows its checksum: beyond the file where that ends early. */
  at: number;
  end: number;
  /** As far as it is there. */
  data: Buffer;
}

/** In their order, as far as length and type are there; the file begins with the signature. */
export function* pngChunks(png: Uint8Array): Generator<PngChunk> {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  for (let at = SIGNATURE_BYTES; at + 8 <= bytes.length; ) {
    const afterData = at + 8 + bytes.readUInt32BE(at);
    const end = afterData + 4;
    yield { type: bytes.toString("latin1", at + 4, at + 8), at, end, data: bytes.subarray(at + 8, afterData) };
    at = end;
  }
}

/** What a chunk of these types holds, bytes; another length is damage. */
const LENGTHS: Readonly<Record<string, number>> = { acTL: 8, cHRM: 32, cICP: 4, gAMA: 4, pHYs: 9, sRGB: 1 };

/** Nothing of it is in the picture, and decoders unpack all of it: of fifty texts of a few kB each, gigabytes. */
const TEXTS: readonly string[] = ["tEXt", "zTXt", "iTXt"];

/**
 * Without texts, and without the chunks that a picture can do without and whose checksum or length is wrong: browsers
 * pass them over, while libpng believes some of them and gives up over others. The same bytes where there are none.
 */
export function dropSpareChunks(png: Uint8Array): Uint8Array {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  let kept: Buffer | null = null;
  let keptBytes = 0;
  let copied = 0;
  for (const { type, at, end } of pngChunks(bytes)) {
    if (end > bytes.length || type === "IEND") break;
    if (TEXTS.includes(type) || (isAncillary(type) && isBroken(bytes.subarray(at, end), type))) {
      kept ??= Buffer.alloc(bytes.length);
      keptBytes += bytes.copy(kept, keptBytes, copied, at);
      copied = end;
    }
  }
  if (kept === null) return png;
  keptBytes += bytes.copy(kept, keptBytes, copied);
  return kept.subarray(0, keptBytes);
}

/** PNG 3rd edition §5.4: by the case of the first letter. */
function isAncillary(type: string): boolean {
  return /^[a-z]/.test(type);
}

function isBroken(chunk: Buffer, type: string): boolean {
  const length = LENGTHS[type];
  if (length !== undefined && chunk.length !== length + 12) return true;
  const end = chunk.length - 4;
  return crc32(chunk.subarray(4, end)) !== chunk.readUInt32BE(end);
}

/** A copy without the chunks of this type. */
export function removePngChunks(png: Uint8Array, type: string): Uint8Array {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const parts = [bytes.subarray(0, SIGNATURE_BYTES)];
  for (const chunk of pngChunks(png)) {
    if (chunk.type !== type) parts.push(bytes.subarray(chunk.at, chunk.end));
  }
  return Buffer.concat(parts);
}
