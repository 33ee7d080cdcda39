// PNGs with any color chunks, and with samples of 8 or 16 bits, made for tests.

import { crc32, deflateSync } from "node:zlib";

export interface Samples {
  width: number;
  height: number;
  /** 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha. */
  channels: 1 | 2 | 3 | 4;
  bitDepth: 8 | 16;
  /** Interleaved. */
  values: readonly number[];
}

export type Chunk = readonly [type: string, data: Uint8Array];

const COLOR_TYPES = { 1: 0, 2: 4, 3: 2, 4: 6 } as const;

/** @param after what follows the samples */
export function makePng(
  { width, height, channels, bitDepth, values }: Samples,
  chunks: readonly Chunk[] = [],
  after: readonly Chunk[] = [],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, COLOR_TYPES[channels]], 8);
  const row = width * channels;
  const rowBytes = 1 + (row * bitDepth) / 8;
  const raw = Buffer.alloc(height * rowBytes);
  for (const [i, value] of values.entries()) {
    const [y, x] = [Math.floor(i / row), i % row];
    if (bitDepth === 8) raw[y * rowBytes + 1 + x] = value;
    else raw.writeUInt16BE(value, y * rowBytes + 1 + 2 * x);
  }
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    pngChunk("IHDR", header),
    ...chunks.map(([type, data]) => pngChunk(type, data)),
    pngChunk("IDAT", deflateSync(raw)),
    ...after.map(([type, data]) => pngChunk(type, data)),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
  return Buffer.concat([u32(data.length), typed, u32(crc32(typed))]);
}

export function iccpChunk(profile: Uint8Array): Chunk {
  return ["iCCP", Buffer.concat([Buffer.from("p\0\0", "latin1"), deflateSync(profile)])];
}

export function gammaChunk(gamma: number): Chunk {
  return ["gAMA", u32(Math.round(gamma * 100_000))];
}

/** Red, green, blue and white as in make-icc. */
export function chromaticityChunk([xr, yr, xg, yg, xb, yb, xw, yw]: readonly number[]): Chunk {
  const values = [xw, yw, xr, yr, xg, yg, xb, yb].map((value) => u32(Math.round((value as number) * 100_000)));
  return ["cHRM", Buffer.concat(values)];
}

export const SRGB_CHUNK: Chunk = ["sRGB", Buffer.from([0])];

export function cicpChunk(primaries: number, transfer: number, fullRange = 1): Chunk {
  return ["cICP", Buffer.from([primaries, transfer, 0, fullRange])];
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Of an animation of so many frames. */
export function animationChunk(frames: number): Chunk {
  return ["acTL", Buffer.concat([u32(frames), u32(0)])];
}

/** A frame that covers all of the picture, a tenth of a second long; `order`: of its first chunk among all. */
export function frameChunks(own: Samples, order: number): Chunk[] {
  const { width, height } = own;
  const png = makePng(own);
  const begin = png.indexOf("IDAT") + 4;
  const data = png.subarray(begin, begin + png.readUInt32BE(begin - 8));
  const control = Buffer.concat([...[order, width, height, 0, 0].map(u32), Buffer.from([0, 1, 0, 10, 0, 0])]);
  return [
    ["fcTL", control],
    ["fdAT", Buffer.concat([u32(order + 1), data])],
  ];
}
