// Reads a network file (safetensors: convB_I.weight [out, in, 3, 3], convB_I.bias, F16 or F32) inside the panel.
// Widths and depth come from the file. Leaves out what only the companion needs: hashes, downloads.

import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import { layersOf, topologyOf } from "../../../../companion/protocol/layers.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";

/** One 3×3 convolution with the ReLU that follows it. */
export interface Convolution {
  /** The layer that it feeds, e.g. "relu1_1". */
  layer: string;
  inChannels: number;
  outChannels: number;
  /** [out, in, 3, 3] */
  weight: Float32Array;
  /** [out] */
  bias: Float32Array;
}

export interface Network {
  name: string;
  /** RGB, for pixels in 0 … 1. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  pooling: "avg" | "max";
  /** The border that the network was trained with; settings.padding overrides it. */
  padding: Settings["padding"] | null;
  convolutions: readonly Convolution[];
}

interface TensorEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Longest header that is read; ours are below 4 kB. */
const MAX_HEADER_BYTES = 1 << 20;

/** Throws ImpastoError("bad-network") that says what is wrong with the file. */
export function parseNetwork(bytes: Uint8Array): Network {
  if (bytes.byteLength < 8) throw bad("it is too short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > bytes.byteLength) throw bad("its header is cut off");
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)));
  const body = bytes.subarray(8 + headerBytes);
  const metadata = (header.__metadata__ ?? {}) as Record<string, string>;
  const convolutions: Convolution[] = [];
  let inChannels = 3;
  const entryOf = (stem: string) => header[`${stem}.weight`] as TensorEntry | undefined;
  for (const layer of layersOf(topologyOf((name) => entryOf(name.replace("relu", "conv")) !== undefined))) {
    const stem = layer.replace("relu", "conv");
    const entry = entryOf(stem);
    if (entry === undefined) break;
    const outChannels = entry.shape[0] ?? 0;
    const weight = readTensor(body, `${stem}.weight`, entry, [outChannels, inChannels, 3, 3]);
    const bias = readTensor(body, `${stem}.bias`, header[`${stem}.bias`] as TensorEntry, [outChannels]);
    convolutions.push({ layer, inChannels, outChannels, weight, bias });
    inChannels = outChannels;
  }
  if (convolutions.length === 0) throw bad("it has no conv1_1");
  return {
    name: metadata.name ?? "unnamed",
    mean: parseTriple(metadata.mean, "mean"),
    std: parseTriple(metadata.std, "std"),
    pooling: metadata.pooling === "max" ? "max" : "avg",
    padding: metadata.padding === "zero" || metadata.padding === "reflect" ? metadata.padding : null,
    convolutions,
  };
}

function parseHeader(text: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === "object" && header !== null) return header as Record<string, unknown>;
  } catch {
    // falls through to the same sentence
  }
  throw bad("its header is not JSON");
}

function parseTriple(text: string | undefined, name: string): [number, number, number] {
  const values: unknown = text === undefined ? null : JSON.parse(text);
  if (Array.isArray(values) && values.length === 3 && values.every((x) => typeof x === "number")) {
    return values as [number, number, number];
  }
  throw bad(`its ${name} is not a list of three numbers`);
}

function readTensor(body: Uint8Array, name: string, entry: TensorEntry | undefined, shape: number[]): Float32Array {
  if (entry === undefined) throw bad(`${name} is missing`);
  const count = shape.reduce((product, x) => product * x, 1);
  if (entry.shape.join() !== shape.join() || count === 0) throw bad(`${name} has shape ${entry.shape.join("×")}`);
  const [begin, end] = entry.data_offsets;
  const size = entry.dtype === "F16" ? 2 : entry.dtype === "F32" ? 4 : 0;
  if (size === 0) throw bad(`${name} is ${entry.dtype}, neither F16 nor F32`);
  if (begin < 0 || end > body.byteLength || end - begin !== count * size) throw bad(`${name} is cut off`);
  const bytes = body.slice(begin, end);
  const values = size === 4 ? new Float32Array(bytes.buffer) : halvesToFloats(new Uint16Array(bytes.buffer));
  if (!values.every(Number.isFinite)) throw bad(`${name} holds a value that is not finite`);
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

function bad(reason: string): ImpastoError {
  return new ImpastoError("bad-network", `This network file cannot be used: ${reason}.`, {
    hint: "Use the network that comes with Impasto, or fetch the file again.",
  });
}
