// The safetensors container (https://github.com/huggingface/safetensors): an 8-byte little-endian header length, a JSON
// header, then the tensors' bytes. Reads and writes F32 and F16; every length is checked before anything is allocated.

import { ImpastoError } from "../protocol/errors.ts";
import { floatsToHalves, halvesToFloats, hasNonFiniteHalf } from "./half.ts";

/** Where a tensor lies: byte offsets into the body, which begins after the header. */
export interface TensorInfo {
  dtype: string;
  shape: readonly number[];
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  metadata: Readonly<Record<string, string>>;
  tensors: ReadonlyMap<string, TensorInfo>;
  /** Bytes before the body: 8 + the JSON's length. */
  bodyOffset: number;
  /** Bytes of the body. */
  bodyBytes: number;
}

export interface Tensor {
  shape: readonly number[];
  /** Row-major, [d0, d1, …] as `shape`. */
  values: Float32Array;
}

export type Precision = "fp16" | "fp32";

/** Longest header that is read; VGG19's is below 5 kB. */
const MAX_HEADER_BYTES = 1 << 20;
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
};

/** Bytes of length prefix and header. `start`: at least the file's first 8 bytes. Throws bad-network. */
export function headerLength(start: Uint8Array): number {
  if (start.byteLength < 8) throw badFile("it is too short to have a header");
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (length < 2n || length > BigInt(MAX_HEADER_BYTES)) throw badFile(`its header claims a length of ${length} bytes`);
  return 8 + Number(length);
}

/** Parses and checks the header. `start`: the first headerLength() bytes or more. Throws ImpastoError("bad-network"). */
export function parseHeader(start: Uint8Array): SafetensorsHeader {
  const bodyOffset = headerLength(start);
  if (start.byteLength < bodyOffset) throw badFile("it ends inside its header");
  const json = parseJson(start.subarray(8, bodyOffset));
  const tensors = new Map<string, TensorInfo>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(json)) {
    if (name === "__metadata__") metadata = parseMetadata(entry);
    else tensors.set(name, parseEntry(name, entry));
  }
  return { metadata, tensors, bodyOffset, bodyBytes: checkLayout(tensors) };
}

function parseJson(bytes: Uint8Array): object {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw badFile("its header is not JSON", cause);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw badFile("its header is not an object");
  return json;
}

function parseMetadata(entry: unknown): Record<string, string> {
  if (typeof entry !== "object" || entry === null) throw badFile("its metadata is not an object");
  return Object.fromEntries(
    Object.entries(entry).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}

function parseEntry(name: string, entry: unknown): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const elementBytes =
    typeof dtype === "string" && Object.hasOwn(ELEMENT_BYTES, dtype) ? ELEMENT_BYTES[dtype] : undefined;
  if (typeof dtype !== "string" || elementBytes === undefined)
    throw badFile(`${name} has the unknown type ${String(dtype)}`);
  if (!isCounts(shape)) throw badFile(`${name} has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) throw badFile(`${name} has no valid position`);
  const [begin = 0, end = 0] = offsets;
  const bytes = shape.reduce((product, size) => product * size, elementBytes);
  if (end - begin !== bytes) throw badFile(`${name} has shape ${shape.join("×")} but ${end - begin} bytes`);
  return { dtype, shape, begin, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((x) => Number.isSafeInteger(x) && x >= 0);
}

/** The tensors must follow one another without gaps or overlaps, as the format demands. */
function checkLayout(tensors: ReadonlyMap<string, TensorInfo>): number {
  let position = 0;
  for (const [name, { begin, end }] of [...tensors].sort((a, b) => a[1].begin - b[1].begin || a[1].end - b[1].end)) {
    if (begin !== position) throw badFile(`${name} does not begin where the tensor before it ends`);
    position = end;
  }
  return position;
}

/** The whole file's header, checked against the file's length as well. Throws ImpastoError("bad-network"). */
export function parseFile(bytes: Uint8Array): SafetensorsHeader {
  const header = parseHeader(bytes);
  const expected = header.bodyOffset + header.bodyBytes;
  if (bytes.byteLength < expected) throw badFile(`it is truncated: ${bytes.byteLength} of ${expected} bytes are there`);
  if (bytes.byteLength > expected) throw badFile(`it has ${bytes.byteLength - expected} bytes too many`);
  return header;
}

/** One tensor as float32. `bytes`: exactly info.end − info.begin. Throws on types other than F32, F16, and on NaN or ∞. */
export function decodeTensor(name: string, info: TensorInfo, bytes: Uint8Array): Tensor {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  if (info.dtype === "F32") {
    const values = new Float32Array(buffer, byteOffset, byteLength / 4);
    requireFinite(name, !hasNonFinite(values));
    return { shape: info.shape, values };
  }
  if (info.dtype === "F16") {
    const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
    requireFinite(name, !hasNonFiniteHalf(halves));
    return { shape: info.shape, values: halvesToFloats(halves) };
  }
  throw badFile(`${name} is ${info.dtype}, where F32 or F16 is expected`);
}

/** True when a value is an infinity or NaN. */
export function hasNonFinite(values: Float32Array): boolean {
  // A float64 sum of floats is finite exactly when they all are: one addition per value instead of a call.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return !Number.isFinite(sum);
}

function requireFinite(name: string, finite: boolean): void {
  if (!finite) throw badFile(`${name} holds a value that is not a finite number`);
}

/** A whole file. Deterministic: tensors in the map's order. Throws bad-network when a value does not fit fp16. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
  precision: Precision,
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const elementBytes = precision === "fp16" ? 2 : 4;
  let position = 0;
  for (const [name, { shape, values }] of tensors) {
    const end = position + values.length * elementBytes;
    header[name] = { dtype: precision === "fp16" ? "F16" : "F32", shape, data_offsets: [position, end] };
    position = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.byteLength / 8) * 8; // padded with spaces, so that the body is aligned
  const file = new Uint8Array(8 + headerBytes + position).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let offset = 8 + headerBytes;
  for (const [name, { values }] of tensors) {
    const encoded = precision === "fp16" ? encodeHalves(name, values) : values;
    const bytes = new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
    file.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return file;
}

function encodeHalves(name: string, values: Float32Array): Uint16Array {
  const halves = floatsToHalves(values);
  if (hasNonFiniteHalf(halves)) {
    throw new ImpastoError("bad-network", `${name} holds a value that does not fit 16-bit floats.`, {
      hint: "Write the network with --fp32.",
    });
  }
  return halves;
}

const NAMELESS = "This network file";

/** A refusal of badFile, with the file's own name in place of none. */
export function withFileName(error: unknown, name: string): unknown {
  if (!(error instanceof ImpastoError) || !error.message.startsWith(NAMELESS)) return error;
  const { code, message, hint } = error;
  const named = `${name}${message.slice(NAMELESS.length)}`;
  return new ImpastoError(code, named, { ...(hint !== undefined && { hint }), cause: error });
}

export function badFile(reason: string, cause?: unknown): ImpastoError {
  return new ImpastoError("bad-network", `${NAMELESS} cannot be used: ${reason}.`, {
    hint: "Fetch it again, or take another file.",
    cause,
  });
}
