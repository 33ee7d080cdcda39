// A ZIP archive without compression (pictures are compressed already). APPNOTE.TXT 6.3: local headers, central
// directory, end record; names in UTF-8.

export interface ZipEntry {
  name: string;
  bytes: Uint8Array;
}

const UTF8_NAMES = 0x0800;
/** 1 January 2026, in DOS form: the archive of the same pictures is the same file. */
const DATE = ((2026 - 1980) << 9) | (1 << 5) | 1;

export function zip(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const encoded = new TextEncoder().encode(name);
    const common = [20, 2, UTF8_NAMES, 2, 0, 2, 0, 2, DATE, 2, crc32(bytes), 4, bytes.length, 4, bytes.length, 4];
    const local = record([0x04034b50, 4, ...common, encoded.length, 2, 0, 2]);
    parts.push(local, encoded, bytes);
    directory.push(
      record([0x02014b50, 4, 20, 2, ...common, encoded.length, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 4, offset, 4]),
      encoded,
    );
    offset += local.length + encoded.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = entries.length;
  const end = record([0x06054b50, 4, 0, 2, 0, 2, count, 2, count, 2, size, 4, offset, 4, 0, 2]);
  return concatenate([...parts, ...directory, end]);
}

/** Pairs of value and length in bytes, little-endian. */
function record(fields: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const value = fields[index] as number;
    for (let byte = 0; byte < (fields[index + 1] as number); byte++) bytes.push((value >>> (8 * byte)) & 0xff);
  }
  return new Uint8Array(bytes);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] as number);
  return (crc ^ 0xffffffff) >>> 0;
}
