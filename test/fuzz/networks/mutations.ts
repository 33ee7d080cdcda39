// Ways in which a network file is wrong: the length before the header, the header's JSON, offsets, shapes, values.

import { encodeNetworkFile, type NetworkFile } from "../../../companion/networks/network-file.ts";
import { LAYERS } from "../../../companion/protocol/layers.ts";
import type { Random } from "../random.ts";

type Header = Record<string, unknown>;

/** A well-formed network down to relu2_1 with 2 to 4 channels. */
export function tinyNetwork(): Uint8Array {
  const widths = [2, 3, 4];
  const network: NetworkFile = {
    name: "tiny",
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    metadata: { pooling: "avg", source: "made for tests", license: "MIT" },
    precision: "fp32",
    convolutions: widths.map((outChannels, i) => {
      const inChannels = i === 0 ? 3 : (widths[i - 1] ?? 0);
      const weight = Float32Array.from({ length: outChannels * inChannels * 9 }, (_, k) => Math.sin(k + i) / 4);
      return {
        name: (LAYERS[i] ?? "").replace("relu", "conv"),
        inChannels,
        outChannels,
        weight,
        bias: new Float32Array(outChannels),
      };
    }),
  };
  return encodeNetworkFile(network);
}

function split(bytes: Uint8Array): { header: Header; body: Uint8Array } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return {
    header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))),
    body: bytes.subarray(8 + length),
  };
}

function join(header: string | Uint8Array, body: Uint8Array, length?: bigint): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const out = new Uint8Array(8 + text.length + body.length);
  new DataView(out.buffer).setBigUint64(0, BigInt.asUintN(64, length ?? BigInt(text.length)), true);
  out.set(text, 8);
  out.set(body, 8 + text.length);
  return out;
}

const NUMBERS = [0, -1, 1, 2, 3, 9, 0.5, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, null, "3", [], {}, true];
const LENGTHS = [
  0n,
  1n,
  2n,
  7n,
  8n,
  100n,
  0xffffn,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 53n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
];
const DTYPES = ["F16", "F32", "F64", "BF16", "I64", "f32", "", 7, null];
const TEXTS = [
  "",
  "[]",
  "[1,2]",
  "[1,2,3,4]",
  '["a","b","c"]',
  "[1,2,1e999]",
  "[0,0,0]",
  "[null,1,2]",
  "{",
  "x".repeat(5000),
  5,
  null,
  [],
];
const NAMES = [
  "conv1_1.weight",
  "conv1_3.weight",
  "conv9_1.weight",
  "",
  "__proto__",
  "constructor",
  "x".repeat(3000),
  "conv1_1.bias",
];

/** One lie inside the header. */
function lie(header: Header, random: Random): void {
  const names = Object.keys(header);
  const name = random.pick(names);
  const entry = header[name];
  if (name === "__metadata__" || typeof entry !== "object" || entry === null) {
    header[name] =
      random.below(4) === 0
        ? random.pick(NUMBERS)
        : {
            ...(entry as Header),
            [random.pick(["mean", "std", "name", "pooling", "padding", "more"])]: random.pick(TEXTS),
          };
    return;
  }
  const tensor = { ...(entry as Header) };
  switch (random.below(8)) {
    case 0:
      delete header[name];
      return;
    case 1:
      header[random.pick(NAMES)] = entry;
      return;
    case 2:
      header[name] = random.pick(NUMBERS);
      return;
    case 3:
      delete tensor[random.pick(["dtype", "shape", "data_offsets"])];
      break;
    case 4:
      tensor.dtype = random.pick(DTYPES);
      break;
    case 5:
      tensor.data_offsets = [random.pick(NUMBERS), random.pick(NUMBERS)];
      break;
    case 6:
      tensor.shape = Array.from({ length: random.below(7) }, () => random.pick(NUMBERS));
      break;
    default: {
      const shape = Array.isArray(tensor.shape) ? [...tensor.shape] : [];
      shape[random.below(Math.max(1, shape.length))] = random.pick(NUMBERS);
      tensor.shape = shape;
    }
  }
  header[name] = tensor;
}

/** One malformed network file. */
export function malformNetwork(seed: Uint8Array, random: Random): Uint8Array {
  const { header, body } = split(seed);
  const text = JSON.stringify(header);
  switch (random.below(9)) {
    case 0:
      return seed.subarray(0, random.below(seed.length));
    case 1:
      return join(text, body, random.pick(LENGTHS));
    case 2: {
      const at = random.below(text.length);
      return join(
        text.slice(0, at) +
          random.pick(["", "{", "}", '"', ",", "\0", "\\u", "1e999", "[[[["]) +
          text.slice(at + random.below(3)),
        body,
      );
    }
    case 3: {
      const broken = new Uint8Array(body);
      const view = new DataView(broken.buffer);
      const values = [Number.NaN, Number.POSITIVE_INFINITY, 1e38, -1e38];
      view.setFloat32(4 * random.below(Math.floor(broken.length / 4)), random.pick(values), true);
      return join(text, broken);
    }
    case 4:
      return join(text, new Uint8Array([...body, ...new Uint8Array(1 + random.below(100))]));
    case 5:
      return join("[".repeat(1 + random.below(100_000)), body);
    case 6: {
      const bytes = new TextEncoder().encode(text);
      for (let count = 1 + random.below(6); count > 0; count--) bytes[random.below(bytes.length)] = random.below(256);
      return join(bytes, body);
    }
    default:
      for (let count = 1 + random.below(3); count > 0 && Object.keys(header).length > 0; count--) lie(header, random);
      return join(JSON.stringify(header), body);
  }
}
