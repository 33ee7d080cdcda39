// Reads safetensors files inside the panel: their header, and tensors of F16 or F32 as floats.

import { ImpastoError } from "../../../../companion/protocol/errors.ts";

export interface Safetensors {
  metadata: Readonly<Record<string, string>>;
  has(name: string): boolean;
  /** Its first extent; 0 for what is not there. */
  rows(name: string): number;
  /** Throws ImpastoError("bad-network") when it is missing, has another shape or holds what is not finite. */
  read(name: string, shape: readonly number[]): Float32Array;
}

interface TensorEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Longest header that is read; ours are below 4 kB. */
const MAX_HEADER_BYTES = 1 << 20;

/** Throws ImpastoError("bad-network") that says what is wrong with the file. */
export function openSafetensors(bytes: Uint8Array): Safetensors {
  if (bytes.byteLength < 8) throw badFile("it is too short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > bytes.byteLength) throw badFile("its header is cut off");
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)));
  const body = bytes.subarray(8 + headerBytes);
  const entryOf = (name: string) => header[name] as TensorEntry | undefined;
  return {
    metadata: (header.__metadata__ ?? {}) as Record<string, string>,
    has: (name) => entryOf(name) !== undefined,
    rows: (name) => entryOf(name)?.shape[0] ?? 0,
    read: (name, shape) => readTensor(body, name, entryOf(name), shape),
  };
}

function parseHeader(text: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === "object" && header !== null) return header as Record<string, unknown>;
  } catch {
    // falls through to the same sentence
  }
  throw badFile("its header is not JSON");
}

function readTensor(
  body: Uint8Array,
  name: string,
  entry: TensorEntry | undefined,
  shape: readonly number[],
): Float32Array {
  if (entry === undefined) throw badFile(`${name} is missing`);
  const count = shape.reduce((product, x) => product * x, 1);
  if (entry.shape.join() !== shape.join() || count === 0) throw badFile(`${name} has shape ${entry.shape.join("×")}`);
  const [begin, end] = entry.data_offsets;
  const size = entry.dtype === "F16" ? 2 : entry.dtype === "F32" ? 4 : 0;
  if (size === 0) throw badFile(`${name} is ${entry.dtype}, neither F16 nor F32`);
  if (begin < 0 || end > body.byteLength || end - begin !== count * size) throw badFile(`${name} is cut off`);
  const bytes = body.slice(begin, end);
  const values = size === 4 ? new Float32Array(bytes.buffer) : halvesToFloats(new Uint16Array(bytes.buffer));
  if (!values.every(Number.isFinite)) throw badFile(`${name} holds a value that is not finite`);
  return values;
}

/** IEEE 754 binary16 → binary32. */
function halvesToFloats(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number;
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) floats[i] = sign * fraction * 2 ** -24;
    else if (exponent === 31) floats[i] = fraction === 0 ? sign * Infinity : Number.NaN;
    else floats[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return floats;
}

export function badFile(reason: string): ImpastoError {
  return new ImpastoError("bad-network", `This network file cannot be used: ${reason}.`, {
    hint: "Use the network that comes with Impasto, or fetch the file again.",
  });
}
