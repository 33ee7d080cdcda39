// Ways in which a picture file is wrong, most of them aimed at the structure: lengths, sizes, order, checksums.

import { crc32 } from "node:zlib";
import type { Random } from "../random.ts";

type Mutation = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const EXTREMES = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 60_000, 0x7fffffff, 0x80000000, 0xffffffff,
];

const copyOf = (bytes: Buffer) => Buffer.from(bytes);

/** Where headers stand, mutations hurt more: half of them hit the first 200 bytes. */
function position(bytes: Buffer, random: Random, width = 1): number {
  const limit = Math.max(1, bytes.length - width + 1);
  return random.below(random.below(2) === 0 ? Math.min(limit, 200) : limit);
}

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length));

const flipBits: Mutation = (bytes, random) => {
  const out = copyOf(bytes);
  for (let count = 1 + random.below(8); count > 0; count--) {
    const at = position(out, random);
    out[at] = (out[at] ?? 0) ^ (1 << random.below(8));
  }
  return out;
};

const writeExtreme: Mutation = (bytes, random) => {
  if (bytes.length < 4) return bytes;
  const out = copyOf(bytes);
  const value = random.pick(EXTREMES);
  const width = random.pick([1, 2, 4] as const);
  const at = position(out, random, width);
  const fitting = width === 4 ? value : value % 256 ** width;
  if (random.below(2) === 0) out.writeUIntBE(fitting, at, width);
  else out.writeUIntLE(fitting, at, width);
  return out;
};

const removeRange: Mutation = (bytes, random) => {
  const at = position(bytes, random);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(64))]);
};

const insertNoise: Mutation = (bytes, random) => {
  const at = position(bytes, random);
  const noise = Buffer.from(Array.from({ length: 1 + random.below(300) }, () => random.below(256)));
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
};

const repeatRange: Mutation = (bytes, random) => {
  const at = position(bytes, random);
  const range = bytes.subarray(at, at + 1 + random.below(200));
  return Buffer.concat([bytes.subarray(0, at), ...Array(2 + random.below(20)).fill(range), bytes.subarray(at)]);
};

const splice: Mutation = (bytes, random, others) => {
  const other = random.pick(others);
  return Buffer.concat([bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length))]);
};

const appendOther: Mutation = (bytes, random, others) => Buffer.concat([bytes, random.pick(others)]);

const fillTail: Mutation = (bytes, random) => copyOf(bytes).fill(random.below(256), random.below(bytes.length));

/** PNG with one chunk lied about, removed, doubled, moved or given a wrong checksum; others are left to the rest. */
const pngChunks: Mutation = (bytes, random, others) => {
  if (bytes.length < 8 || bytes.readUInt32BE(0) !== 0x89504e47) return writeExtreme(bytes, random, others);
  const chunks: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    chunks.push(copyOf(bytes.subarray(at, end)));
    at = end;
  }
  const index = random.below(chunks.length);
  const chunk = chunks[index] ?? Buffer.alloc(12);
  switch (random.below(6)) {
    case 0:
      chunks.splice(index, 1);
      break;
    case 1:
      chunks.splice(random.below(chunks.length), 0, chunk);
      break;
    case 2:
      chunks.push(...chunks.splice(index, 1));
      break;
    case 3:
      chunk.writeUInt32BE(random.pick(EXTREMES), 0);
      break;
    case 4:
      chunk.writeUInt32BE(random.pick(EXTREMES), chunk.length - 4);
      break;
    default: {
      // A lie whose checksum is right: only the content can give it away.
      const at = 8 + random.below(Math.max(1, chunk.length - 12));
      if (chunk.length >= 16) chunk.writeUInt32BE(random.pick(EXTREMES), Math.min(at, chunk.length - 8));
      chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
    }
  }
  return Buffer.concat([bytes.subarray(0, 8), ...chunks]);
};

const MUTATIONS = [
  truncate,
  flipBits,
  writeExtreme,
  writeExtreme,
  removeRange,
  insertNoise,
  repeatRange,
  splice,
  appendOther,
  fillTail,
  pngChunks,
  pngChunks,
];

/** One to three mutations of one picture of the corpus. */
export function malform(corpus: ReadonlyMap<string, Buffer>, random: Random): { name: string; bytes: Buffer } {
  const [name, seed] = random.pick([...corpus]);
  const others = [...corpus.values()];
  let bytes: Buffer = seed;
  for (let count = 1 + random.below(3); count > 0 && bytes.length > 0; count--) {
    bytes = random.pick(MUTATIONS)(bytes, random, others);
  }
  return { name, bytes };
}
