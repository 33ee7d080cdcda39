// A tiny writer of ONNX files, as much of onnx.proto3 as the tests need: networks of every convention, and files that
// nobody should open.

/** One field: numbers as varints, everything else as bytes. */
export function field(number: number, value: number | bigint | string | Uint8Array): Buffer {
  if (typeof value === "number" || typeof value === "bigint")
    return Buffer.concat([varint(number << 3), varint(value)]);
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const TYPES = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
type Type = keyof typeof TYPES;
export type Shape = readonly (number | string)[];

export function value(name: string, type: Type, shape: Shape): Buffer {
  const sides = shape.map((side) => field(1, typeof side === "number" ? field(1, side) : field(2, side)));
  const tensor = Buffer.concat([field(1, TYPES[type]), field(2, Buffer.concat(sides))]);
  return Buffer.concat([field(1, name), field(2, field(1, tensor))]);
}

/** An initializer of 32-bit floats or 64-bit whole numbers. */
export function tensor(
  name: string,
  shape: readonly number[],
  values: readonly number[],
  type: "float" | "int64" = "float",
): Buffer {
  const raw =
    type === "float"
      ? Buffer.from(Float32Array.from(values).buffer)
      : Buffer.from(BigInt64Array.from(values.map(BigInt)).buffer);
  return Buffer.concat([...shape.map((side) => field(1, side)), field(2, TYPES[type]), field(8, name), field(9, raw)]);
}

export type Attribute =
  | number
  | readonly number[]
  | string
  | { float: number }
  | { graph: Buffer }
  | { tensor: Buffer };

export interface Node {
  operator: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Record<string, Attribute>;
  domain?: string;
}

export function node({ operator, inputs, outputs, attributes = {}, domain = "" }: Node): Buffer {
  return Buffer.concat([
    ...inputs.map((input) => field(1, input)),
    ...outputs.map((output) => field(2, output)),
    field(4, operator),
    ...Object.entries(attributes).map(([name, content]) => field(5, attribute(name, content))),
    ...(domain === "" ? [] : [field(7, domain)]),
  ]);
}

function attribute(name: string, content: Attribute): Buffer {
  const kind = (number: number) => field(20, number);
  const parts = (() => {
    if (typeof content === "number") return [field(3, content), kind(2)];
    if (typeof content === "string") return [field(4, content), kind(3)];
    if ("float" in content) return [Buffer.concat([varint((2 << 3) | 5), floatBytes(content.float)]), kind(1)];
    if ("graph" in content) return [field(6, content.graph), kind(5)];
    if ("tensor" in content) return [field(5, content.tensor), kind(4)];
    return [...content.map((each) => field(8, each)), kind(7)];
  })();
  return Buffer.concat([field(1, name), ...parts]);
}

function floatBytes(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(number);
  return bytes;
}

export interface Graph {
  nodes: readonly Node[];
  inputs: readonly Buffer[];
  outputs: readonly Buffer[];
  initializers?: readonly Buffer[];
}

export function graph({ nodes, inputs, outputs, initializers = [] }: Graph): Buffer {
  return Buffer.concat([
    ...nodes.map((each) => field(1, node(each))),
    field(2, "graph"),
    ...initializers.map((each) => field(5, each)),
    ...inputs.map((each) => field(11, each)),
    ...outputs.map((each) => field(12, each)),
  ]);
}

/** A whole file. */
export function model(
  content: Graph,
  { opset = 17, extra = [] }: { opset?: number; extra?: readonly Buffer[] } = {},
): Buffer {
  return Buffer.concat([
    field(1, 8),
    field(2, "impasto-test"),
    field(7, graph(content)),
    field(8, Buffer.concat([field(1, ""), field(2, opset)])),
    ...extra,
  ]);
}

export interface Convention {
  layout?: "nchw" | "nhwc";
  type?: "float" | "float16";
  /** Declared sides; free where not given. */
  width?: number;
  height?: number;
}

function pictureShape({ layout = "nchw", width, height }: Convention): Shape {
  const sides = [height ?? "h", width ?? "w"];
  return layout === "nchw" ? [1, 3, ...sides] : [1, ...sides, 3];
}

/** Nodes from "x" to "y" inside a network that takes and gives pictures; their names are free but for these two. */
export function painter(
  nodes: readonly Node[],
  initializers: readonly Buffer[] = [],
  convention: Convention = {},
  otherInputs: readonly Buffer[] = [],
): Buffer {
  const { type = "float" } = convention;
  const shape = pictureShape(convention);
  return model({
    nodes,
    initializers,
    inputs: [value("x", type, shape), ...otherInputs],
    outputs: [value("y", type, shape)],
  });
}

/** y = top − x: a negative, in the network's own range. */
export function negative(top: number, convention: Convention = {}): Buffer {
  return painter([{ operator: "Sub", inputs: ["top", "x"], outputs: ["y"] }], [tensor("top", [1], [top])], convention);
}

/** y = x after so many rounds of nothing. */
export function looping(rounds: bigint): Buffer {
  const body = graph({
    nodes: [
      { operator: "Identity", inputs: ["condition"], outputs: ["more"] },
      { operator: "Identity", inputs: ["before"], outputs: ["after"] },
    ],
    inputs: [value("round", "int64", []), value("condition", "bool", []), value("before", "float", [1, 3, "h", "w"])],
    outputs: [value("more", "bool", []), value("after", "float", [1, 3, "h", "w"])],
  });
  const count = Buffer.concat([field(2, 7), field(8, "count"), field(9, Buffer.from(BigInt64Array.of(rounds).buffer))]);
  return painter(
    [{ operator: "Loop", inputs: ["count", "", "x"], outputs: ["y"], attributes: { body: { graph: body } } }],
    [count],
  );
}
