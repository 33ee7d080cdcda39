// Reads a safetensors file whole, for tests.

import { readFileSync } from "node:fs";

export interface Tensor {
  shape: number[];
  values: Float64Array;
}

export interface Tensors {
  metadata: Record<string, string>;
  names: string[];
  get(name: string): Tensor;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export function readSafetensors(file: string | URL | Buffer): Tensors {
  const bytes = Buffer.isBuffer(file) ? file : readFileSync(file);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerBytes)) as Record<string, Entry> & {
    __metadata__: Record<string, string>;
  };
  const { __metadata__: metadata, ...entries } = header;
  return {
    metadata,
    names: Object.keys(entries),
    get(name) {
      const entry = entries[name];
      if (entry === undefined) throw new Error(`There is no tensor ${name}`);
      const [begin, end] = entry.data_offsets;
      const start = bytes.byteOffset + 8 + headerBytes;
      const raw = bytes.buffer.slice(start + begin, start + end) as ArrayBuffer;
      const values = entry.dtype === "F64" ? new Float64Array(raw) : Float64Array.from(new Float32Array(raw));
      return { shape: entry.shape, values };
    },
  };
}
