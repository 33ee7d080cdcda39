// TIFF 6.0 files with any tags, one strip a directory, little-endian, made for tests.

export type Field = readonly [
  tag: number,
  type: "short" | "long" | "bytes" | "ascii" | "ratio",
  values: readonly number[],
];

export interface Directory {
  width: number;
  height: number;
  /** Interleaved, as the directory's tags say. */
  strip: Uint8Array;
  bits: readonly number[];
  photometric: number;
  compression?: number;
  extra?: readonly Field[];
  subDirectories?: readonly Directory[];
}

const TYPES = { bytes: [7, 1], ascii: [2, 1], short: [3, 2], long: [4, 4], ratio: [5, 8] } as const;

export function makeTiff(pages: readonly Directory[]): Buffer {
  const file: Buffer[] = [Buffer.from("II*\0\0\0\0\0", "latin1")];
  let link: { part: Buffer; at: number } = { part: file[0] as Buffer, at: 4 };
  let length = 8;
  const append = (part: Buffer): number => {
    const at = length;
    const padded = part.length % 2 === 0 ? part : Buffer.concat([part, Buffer.alloc(1)]);
    file.push(padded);
    length += padded.length;
    return at;
  };
  const write = (page: Directory): { at: number; part: Buffer; next: number } => {
    const below = (page.subDirectories ?? []).map((each) => write(each).at);
    const strip = append(Buffer.from(page.strip));
    const fields: Field[] = [
      [256, "long", [page.width]],
      [257, "long", [page.height]],
      [258, "short", page.bits],
      [259, "short", [page.compression ?? 1]],
      [262, "short", [page.photometric]],
      [273, "long", [strip]],
      [277, "short", [page.bits.length]],
      [278, "long", [page.height]],
      [279, "long", [page.strip.length]],
      ...(below.length > 0 ? [[330, "long", below] as const] : []),
      ...(page.extra ?? []),
    ];
    fields.sort(([a], [b]) => a - b);
    const directory = Buffer.alloc(2 + 12 * fields.length + 4);
    directory.writeUInt16LE(fields.length);
    for (const [i, [tag, type, values]] of fields.entries()) {
      const at = 2 + 12 * i;
      const [code, size] = TYPES[type];
      directory.writeUInt16LE(tag, at);
      directory.writeUInt16LE(code, at + 2);
      directory.writeUInt32LE(type === "ratio" ? values.length / 2 : values.length, at + 4);
      const data = Buffer.alloc(Math.max(4, type === "ratio" ? 4 * values.length : size * values.length));
      for (const [k, value] of values.entries()) {
        if (size === 1) data[k] = value;
        else if (size === 2) data.writeUInt16LE(value, 2 * k);
        else data.writeUInt32LE(value, 4 * k);
      }
      if (data.length === 4) directory.set(data, at + 8);
      else directory.writeUInt32LE(append(data), at + 8);
    }
    return { at: append(directory), part: directory, next: directory.length - 4 };
  };
  for (const page of pages) {
    const { at, part, next } = write(page);
    link.part.writeUInt32LE(at, link.at);
    // Of an even length, so the very buffer went into the file.
    link = { part, at: next };
  }
  return Buffer.concat(file);
}
