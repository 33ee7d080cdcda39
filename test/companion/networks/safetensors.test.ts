import { describe, expect, test } from "vitest";
import { encodeNetworkFile, parseNetworkFile } from "../../../companion/networks/network-file.ts";
import { decodeTensor, encodeSafetensors, parseFile, type Tensor } from "../../../companion/networks/safetensors.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";

const tensors = new Map<string, Tensor>([
  ["conv1_1.weight", { shape: [2, 3, 3, 3], values: Float32Array.from({ length: 54 }, (_, i) => (i - 27) / 16) }],
  ["conv1_1.bias", { shape: [2], values: Float32Array.of(0.5, -0.25) }],
  ["conv1_2.weight", { shape: [1, 2, 3, 3], values: new Float32Array(18).fill(0.125) }],
  ["conv1_2.bias", { shape: [1], values: Float32Array.of(1) }],
]);
const metadata = { name: "tiny", mean: "[0.5,0.5,0.5]", std: "[1,1,1]", pooling: "avg" };
const file = encodeSafetensors(tensors, metadata, "fp16");

function withHeader(
  edit: (header: Record<string, { shape: number[]; dtype: string; data_offsets: number[] }>) => void,
): Uint8Array {
  const { bodyOffset } = parseFile(file);
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, bodyOffset)));
  edit(header);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + file.length - bodyOffset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(file.subarray(bodyOffset), 8 + json.length);
  return bytes;
}

function reasonOf(bytes: Uint8Array): string {
  try {
    parseNetworkFile(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(ImpastoError);
    expect((error as ImpastoError).code).toBe("bad-network");
    return (error as ImpastoError).message;
  }
  throw new Error("the file was accepted");
}

describe("network files", () => {
  test.each(["fp16", "fp32"] as const)("written as %s, they read back the same", (precision) => {
    const network = { ...parseNetworkFile(file), precision };
    const again = parseNetworkFile(encodeNetworkFile(network));
    expect(again).toEqual(network);
    expect(again.metadata).toEqual({ pooling: "avg" });
    expect([...(again.convolutions[0]?.weight ?? [])]).toEqual([...(tensors.get("conv1_1.weight")?.values ?? [])]);
  });

  test("the same network gives the same bytes", () => {
    expect(encodeNetworkFile(parseNetworkFile(file))).toEqual(encodeNetworkFile(parseNetworkFile(file)));
  });

  test("a value beyond 16-bit floats is refused in fp16 with the way out", () => {
    const large = new Map([["conv1_1.bias", { shape: [1], values: Float32Array.of(70_000) }]]);
    expect(() => encodeSafetensors(large, {}, "fp16")).toThrow(/does not fit/);
    expect(encodeSafetensors(large, {}, "fp32").length).toBeGreaterThan(0);
  });

  test.each([
    ["truncated", () => file.subarray(0, file.length - 1), /truncated/],
    ["empty", () => file.subarray(0, 0), /too short/],
    ["cut inside the header", () => file.subarray(0, 40), /inside its header/],
    ["followed by something else", () => Buffer.concat([file, Buffer.from("x")]), /1 bytes too many/],
    ["with a header of 4 GB", () => Buffer.concat([Buffer.from([0, 0, 0, 0, 1, 0, 0, 0]), file]), /claims a length/],
    ["not JSON", () => Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("nope")]), /not JSON/],
    ["of another size than its shape", () => withHeader((h) => h["conv1_1.bias"]?.shape.push(2)), /but 4 bytes/],
    [
      "with overlapping tensors",
      () => withHeader((h) => Object.assign(h["conv1_1.bias"] ?? {}, { data_offsets: [0, 4] })),
      /does not begin where/,
    ],
    [
      "with a negative shape",
      () => withHeader((h) => Object.assign(h["conv1_1.bias"] ?? {}, { shape: [-2] })),
      /no valid shape/,
    ],
    [
      "of an unknown type",
      () => withHeader((h) => Object.assign(h["conv1_1.bias"] ?? {}, { dtype: "Q4" })),
      /unknown type/,
    ],
    [
      "of integers",
      () => withHeader((h) => Object.assign(h["conv1_1.bias"] ?? {}, { dtype: "I16" })),
      /where F32 or F16/,
    ],
    [
      "without conv1_1",
      () => withHeader((h) => Object.assign(h, { other: h["conv1_1.weight"], "conv1_1.weight": undefined })),
      /conv1_1 is missing/,
    ],
    [
      "with a kernel of 1×1",
      () => withHeader((h) => Object.assign(h["conv1_2.weight"] ?? {}, { shape: [9, 2, 1, 1] })),
      /9×2×1×1, where/,
    ],
    ["without a mean", () => withHeader((h) => Object.assign(h.__metadata__ ?? {}, { mean: "[1,2]" })), /no mean/],
    ["with a std of zero", () => withHeader((h) => Object.assign(h.__metadata__ ?? {}, { std: "[1,0,1]" })), /no std/],
  ])("a file %s is refused", (_, make, reason) => {
    expect(reasonOf(make())).toMatch(reason);
  });

  test.each([0x7e00, 0x7c00, 0xfc00])("the half %i, which is no finite number, is refused", (half) => {
    const spoiled = file.slice();
    new DataView(spoiled.buffer).setUint16(spoiled.length - 2, half, true);
    expect(reasonOf(spoiled)).toMatch(/conv1_2.bias holds a value that is not a finite number/);
  });

  test("opposite infinities do not cancel out of the check", () => {
    const bytes = new Uint8Array(Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY).buffer);
    expect(() => decodeTensor("t", { dtype: "F32", shape: [2], begin: 0, end: 8 }, bytes)).toThrow(
      /not a finite number/,
    );
  });
});
