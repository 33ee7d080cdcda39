// What an ONNX file is held to before ONNX Runtime sees it: one file without data beside it, operators that ONNX Runtime
// brings itself, sizes within reason. What is read is ModelProto's skeleton (onnx/onnx.proto3), never its numbers.

import { ImpastoError } from "../protocol/errors.ts";
import { type Field, type FieldBudget, fieldsOf, ProtobufError } from "./protobuf.ts";

export interface OnnxFacts {
  /** Names of all operators in it, also inside loops and functions. */
  operators: ReadonlySet<string>;
  /** What its metadata says; empty where it does not. */
  license: string;
  producer: string;
}

/** Far more than the largest network has; a file of nothing but empty fields would take minutes. */
const MAX_FIELDS = 20_000_000;
const MAX_DEPTH = 16;
const MAX_ELEMENTS = 2n ** 29n;

/** Of what ONNX Runtime brings. */
const KNOWN_DOMAINS = ["", "ai.onnx", "ai.onnx.ml", "com.microsoft"];
/** Saved after ONNX Runtime had rewritten it for one machine. */
const REWRITTEN = ["com.microsoft.nchwc", "com.ms.internal.nhwc"];
/** Opens another file. */
const OPENS_FILES = ["EPContext"];

interface Call {
  domain: string;
  operator: string;
}

/** Not recursive: the look through one file. */
interface Look {
  budget: FieldBudget;
  calls: Call[];
}

/**
 * @param bytes the whole file
 * @param name for messages
 * @throws ImpastoError("bad-network") that says what keeps it out; ProtobufError for what is no ONNX at all
 */
export function inspectOnnx(bytes: Uint8Array, name: string): OnnxFacts {
  const look: Look = { budget: { left: MAX_FIELDS }, calls: [] };
  const own = new Set<string>();
  const metadata = new Map<string, string>();
  let producer = "";
  let hasGraph = false;
  let version = 0n;
  const refuse = (what: string, hint: string) => new ImpastoError("bad-network", `${name} ${what}.`, { hint });
  for (const field of fieldsOf(bytes, look.budget)) {
    if (field.number === 1 && field.kind === "varint") version = field.value;
    if (field.kind !== "bytes") continue;
    if (field.number === 2) producer = textOf(field.bytes);
    if (field.number === 7) {
      hasGraph = true;
      readGraph(field.bytes, look, 0, refuse);
    }
    if (field.number === 14) readEntry(field.bytes, look, metadata);
    if (field.number === 25) own.add(readFunction(field.bytes, look, refuse));
  }
  if (!hasGraph || version < 1n || version > 1000n) throw new ProtobufError("It has no graph.");
  for (const { domain, operator } of look.calls) {
    if (own.has(`${domain}.${operator}`)) continue;
    if (REWRITTEN.includes(domain)) {
      throw refuse(
        "was saved by ONNX Runtime for one kind of machine",
        "Take the file as it was before it was optimized.",
      );
    }
    if (KNOWN_DOMAINS.includes(domain) && !OPENS_FILES.includes(operator)) continue;
    throw refuse(
      `needs the operator ${operator}${domain === "" ? "" : ` of ${domain}`}, which would have to be installed`,
      "Export it again with ONNX's own operators alone.",
    );
  }
  return {
    operators: new Set(look.calls.map(({ operator }) => operator)),
    license: metadata.get("license") ?? "",
    producer,
  };
}

type Refuse = (what: string, hint: string) => ImpastoError;

function readGraph(bytes: Uint8Array, look: Look, depth: number, refuse: Refuse): void {
  if (depth > MAX_DEPTH) throw refuse("nests graphs too deep", "Export it again without such nesting.");
  for (const field of fieldsOf(bytes, look.budget)) {
    if (field.kind !== "bytes") continue;
    if (field.number === 1) readNode(field.bytes, look, depth, refuse);
    if (field.number === 5) readTensor(field.bytes, look, refuse);
    if (field.number === 15) readSparse(field.bytes, look, refuse);
  }
}

function readNode(bytes: Uint8Array, look: Look, depth: number, refuse: Refuse): void {
  const call: Call = { domain: "", operator: "" };
  for (const field of fieldsOf(bytes, look.budget)) {
    if (field.kind !== "bytes") continue;
    if (field.number === 4) call.operator = textOf(field.bytes);
    if (field.number === 7) call.domain = textOf(field.bytes);
    if (field.number === 5) readAttribute(field.bytes, look, depth, refuse);
  }
  look.calls.push(call);
}

function readAttribute(bytes: Uint8Array, look: Look, depth: number, refuse: Refuse): void {
  for (const field of fieldsOf(bytes, look.budget)) {
    if (field.kind !== "bytes") continue;
    if (field.number === 5 || field.number === 10) readTensor(field.bytes, look, refuse);
    if (field.number === 6 || field.number === 11) readGraph(field.bytes, look, depth + 1, refuse);
    if (field.number === 22 || field.number === 23) readSparse(field.bytes, look, refuse);
  }
}

function readSparse(bytes: Uint8Array, look: Look, refuse: Refuse): void {
  for (const field of fieldsOf(bytes, look.budget)) {
    if (field.kind === "bytes" && (field.number === 1 || field.number === 2)) readTensor(field.bytes, look, refuse);
  }
}

function readTensor(bytes: Uint8Array, look: Look, refuse: Refuse): void {
  let elements = 1n;
  for (const field of fieldsOf(bytes, look.budget)) {
    if (field.number === 13 || (field.number === 14 && field.kind === "varint" && field.value !== 0n)) {
      throw refuse(
        "keeps its numbers in other files beside it",
        "Save it as one file: onnx.save(onnx.load(FILE), NEW, save_as_external_data=False).",
      );
    }
    if (field.number === 1) for (const side of sidesOf(field, look.budget)) elements *= side;
    // Also where a side is negative, which reads as one beyond all bounds.
    if (elements > MAX_ELEMENTS) {
      throw refuse("has an array of an impossible size", "It is damaged: get or export it again.");
    }
  }
}

/** A tensor's sides stand one by one or packed. */
function sidesOf(field: Field, budget: FieldBudget): bigint[] {
  if (field.kind === "varint") return [field.value];
  if (field.kind !== "bytes") return [];
  const sides: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of field.bytes) {
    if (--budget.left < 0) throw new ProtobufError("It has too many parts.");
    value |= BigInt(byte & 0x7f) << shift;
    shift = byte < 0x80 ? 0n : shift + 7n;
    if (shift > 63n) throw new ProtobufError("A number in it has no end.");
    if (shift > 0n) continue;
    sides.push(value);
    value = 0n;
  }
  return sides;
}

/** A function of the file's own, as "domain.name". */
function readFunction(bytes: Uint8Array, look: Look, refuse: Refuse): string {
  let name = "";
  let domain = "";
  for (const field of fieldsOf(bytes, look.budget)) {
    if (field.kind !== "bytes") continue;
    if (field.number === 1) name = textOf(field.bytes);
    if (field.number === 10) domain = textOf(field.bytes);
    if (field.number === 7) readNode(field.bytes, look, 0, refuse);
  }
  return `${domain}.${name}`;
}

function readEntry(bytes: Uint8Array, look: Look, into: Map<string, string>): void {
  let key = "";
  let value = "";
  for (const field of fieldsOf(bytes, look.budget)) {
    if (field.kind !== "bytes") continue;
    if (field.number === 1) key = textOf(field.bytes);
    if (field.number === 2) value = textOf(field.bytes);
  }
  into.set(key.toLowerCase(), value);
}

/** For names and messages: nothing that could move a cursor, and not too long. */
function textOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 512));
  return text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, "").slice(0, 200);
}

/** Operators whose result at one place depends on the whole picture. */
const OVER_ALL = [
  "InstanceNormalization",
  "GroupNormalization",
  "LayerNormalization",
  "MeanVarianceNormalization",
  "GlobalAveragePool",
  "GlobalMaxPool",
  "GlobalLpPool",
  "ReduceMean",
  "ReduceSum",
  "ReduceSumSquare",
  "ReduceMax",
  "ReduceL2",
  "Attention",
  "MultiHeadAttention",
];

export function looksAtAll({ operators }: OnnxFacts): boolean {
  return OVER_ALL.some((operator) => operators.has(operator));
}
