// Files that nobody should open, and networks that misbehave: refused in one sentence, and nobody waits, crashes or
// runs out of memory for them.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ModelProcess } from "../../../companion/models/model-process.ts";
import { inspectOnnx } from "../../../companion/models/onnx-file.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { notOnnx } from "../../../companion/protocol/not-onnx.ts";
import { createRandom } from "../../fuzz/random.ts";
import { errorOf, type ModelHome, modelHome, paint, picture } from "./support.ts";
import { field, graph, looping, model, type Node, negative, node, painter, tensor, value } from "./write-onnx.ts";

let home: ModelHome;
beforeAll(() => {
  home = modelHome();
});
afterAll(() => home.remove());

const whole = negative(1);
const withInitializer = (initializer: Buffer) =>
  painter([{ operator: "Sub", inputs: ["top", "x"], outputs: ["y"] }], [initializer]);
const withNode = (own: Node) => painter([{ ...own, inputs: ["x"], outputs: ["y"] }]);
const external = Buffer.concat([
  ...[field(1, 1), field(2, 1), field(8, "top")],
  field(13, Buffer.concat([field(1, "location"), field(2, "../../secret")])),
  field(14, 1),
]);
const inLoop: Node = {
  operator: "If",
  inputs: ["x"],
  outputs: ["y"],
  attributes: { then_branch: { graph: graph({ nodes: [], inputs: [], outputs: [], initializers: [external] }) } },
};

/** What is said of a file before anything opens it. */
function refusalOf(bytes: Uint8Array): ImpastoError {
  try {
    inspectOnnx(bytes, "file.onnx");
  } catch (error) {
    return error instanceof ImpastoError ? error : notOnnx(bytes, "file.onnx", error);
  }
  throw new Error("It was not refused.");
}

describe("before ONNX Runtime sees it, a file is refused", () => {
  test.each([
    ["that has numbers in other files", withInitializer(external), /keeps its numbers in other files beside it/],
    ["that has them inside a branch", painter([inLoop]), /keeps its numbers in other files/],
    [
      "that has them in an attribute",
      withNode({ operator: "Constant", inputs: [], outputs: [], attributes: { value: { tensor: external } } }),
      /keeps its numbers in other files/,
    ],
    [
      "with an operator to be installed",
      withNode({ operator: "Evil", inputs: [], outputs: [], domain: "my.company" }),
      /needs the operator Evil of my\.company/,
    ],
    [
      "with an operator that opens files",
      withNode({ operator: "EPContext", inputs: [], outputs: [], domain: "com.microsoft" }),
      /needs the operator EPContext/,
    ],
    [
      "that was rewritten for one machine",
      withNode({ operator: "Conv", inputs: [], outputs: [], domain: "com.microsoft.nchwc" }),
      /was saved by ONNX Runtime for one kind of machine/,
    ],
    [
      "with an array of an impossible size",
      withInitializer(tensor("top", [2 ** 30, 2 ** 30], [])),
      /an array of an impossible size/,
    ],
    [
      "with an array of a negative size",
      withInitializer(Buffer.concat([field(1, -4n), tensor("top", [], [])])),
      /an array of an impossible size/,
    ],
    ["that is cut off", whole.subarray(0, whole.length - 20), /cannot be read as an ONNX network/],
    ["that has no graph", field(1, 8), /cannot be read as an ONNX network/],
    ["that is text", Buffer.from("network: mosaic, to be downloaded from elsewhere"), /is a text file/],
  ])("%s", (_, bytes, message) => {
    const error = refusalOf(bytes);
    expect(error).toMatchObject({ code: "bad-network", message: expect.stringMatching(message) });
    expect(error.hint).toMatch(/\.$/);
  });

  test("on its way in, and nothing of it is kept", async () => {
    const error = await errorOf(home.bringIn("refused", withInitializer(external)));
    expect(error).toMatchObject({
      code: "bad-network",
      message: expect.stringMatching(/keeps its numbers in other files/),
    });
    expect(existsSync(join(home.folder, "home", "models", "refused.onnx"))).toBe(false);
  });

  test("whatever is done to its bytes: with a sentence, or it is as good as before", () => {
    const { below, pick } = createRandom(7);
    const parts = [painter([inLoop]), whole, withInitializer(tensor("top", [1], [1]))];
    for (let round = 0; round < 3000; round++) {
      const bytes = Buffer.from(pick(parts));
      for (let change = 0; change <= round % 4; change++) bytes[below(bytes.length)] = below(256);
      const cut = bytes.subarray(0, round % 3 === 0 ? below(bytes.length) : bytes.length);
      try {
        inspectOnnx(cut, "file");
      } catch (error) {
        expect(String(error)).toMatch(/^(?:ImpastoError|ProtobufError|Error): /);
      }
    }
  });

  test("that nests graphs without end, or consists of nothing but fields", () => {
    let nested: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 200; depth++) {
      nested = graph({
        nodes: [{ operator: "If", inputs: [], outputs: [], attributes: { then_branch: { graph: nested } } }],
        inputs: [],
        outputs: [],
      });
    }
    const file = Buffer.concat([field(1, 8), field(7, nested)]);
    expect(() => inspectOnnx(file, "deep.onnx")).toThrow("deep.onnx nests graphs too deep.");
  });

  test("while a function of its own is one of its operators", () => {
    const own = Buffer.concat([
      ...[field(1, "Twice"), field(10, "mine"), field(4, "a"), field(5, "b")],
      field(7, node({ operator: "Add", inputs: ["a", "a"], outputs: ["b"] })),
    ]);
    const content = {
      nodes: [{ operator: "Twice", inputs: ["x"], outputs: ["y"], domain: "mine" }],
      inputs: [],
      outputs: [],
    };
    expect(inspectOnnx(model(content, { extra: [field(25, own)] }), "file").operators).toEqual(
      new Set(["Add", "Twice"]),
    );
    expect(() => inspectOnnx(model(content), "file")).toThrow(/needs the operator Twice of mine/);
  });
});

describe("how to convert it is said of", () => {
  test.each([
    ["PyTorch's pickle", Buffer.from("\x80\x02}q\x00", "latin1"), /torch\.onnx\.export/],
    ["Lua Torch", Buffer.from("\x04\0\0\0\x01\0\0\0", "latin1"), /torchfile/],
    ["Keras' HDF5", Buffer.from("\x89HDF\r\n\x1a\n\0\0\0\0", "latin1"), /tf2onnx\.convert --keras/],
    ["TensorFlow Lite", Buffer.from("\x1c\0\0\0TFL3\0\0", "latin1"), /tf2onnx\.convert --tflite/],
    ["a SavedModel", Buffer.from("\x08\x01\x12\x05hello", "latin1"), /tf2onnx\.convert --saved-model/],
    ["safetensors", Buffer.from('\x10\0\0\0\0\0\0\0{"a":{}}       ', "latin1"), /export it as one/],
  ])("%s", (_, bytes, hint) => {
    expect(refusalOf(bytes)).toMatchObject({ code: "bad-network", hint: expect.stringMatching(hint) });
  });
});

describe("a network is not kept", () => {
  test.each([
    [
      "that takes no picture",
      model({
        nodes: [{ operator: "Neg", inputs: ["x"], outputs: ["y"] }],
        inputs: [value("x", "float", [1, 5])],
        outputs: [value("y", "float", [1, 5])],
      }),
      /takes no picture of three channels/,
    ],
    [
      "that enlarges",
      painter(
        [{ operator: "Resize", inputs: ["x", "", "scales"], outputs: ["y"], attributes: { mode: "nearest" } }],
        [tensor("scales", [4], [1, 1, 2, 2])],
      ),
      /of another size than it was given/,
    ],
    [
      "that gives no numbers",
      painter([
        { operator: "Sub", inputs: ["x", "x"], outputs: ["zero"] },
        { operator: "Div", inputs: ["zero", "zero"], outputs: ["y"] },
      ]),
      /gives values that are no numbers/,
    ],
    [
      "that fails on everything",
      painter(
        [{ operator: "MatMul", inputs: ["x", "odd"], outputs: ["y"] }],
        [tensor("odd", [7, 3], Array(21).fill(1))],
      ),
      /fails on every picture/,
    ],
    [
      "that wants what nobody can give",
      painter([{ operator: "Add", inputs: ["x", "code"], outputs: ["y"] }], [], {}, [
        value("code", "float", [1, 1, 1, 100]),
      ]),
      /wants something named code \(1 × 1 × 1 × 100\)/,
    ],
    [
      "of an operator that does not exist",
      withNode({ operator: "Nonsense", inputs: [], outputs: [] }),
      /cannot be opened/,
    ],
  ])("%s", async (_, bytes, message) => {
    expect(await errorOf(home.bringIn("bad", bytes))).toMatchObject({
      code: "bad-network",
      message: expect.stringMatching(message),
    });
  });
});

test("a loop without an end ends with its process, when its time is up", async () => {
  const path = home.file("endless.onnx", looping(2n ** 62n));
  const process = await ModelProcess.open({ main: { path, sha256: null } }, { threads: 1, limitBytes: 2 ** 31 });
  const feed = { name: "x", shape: [1, 3, 8, 8], data: new Float32Array(192) };
  expect(await errorOf(process.run("main", [feed], "y", 500))).toMatchObject({
    code: "bad-network",
    message: expect.stringMatching(/so it was ended/),
  });
  expect(process.isAlive).toBe(false);
});

test("a network that eats memory ends before the machine does, and the next one works", async () => {
  const nodes: Node[] = [
    // 3 GiB of ones from a shape of six numbers.
    {
      operator: "ConstantOfShape",
      inputs: ["shape"],
      outputs: ["huge"],
      attributes: { value: { tensor: tensor("", [1], [1]) } },
    },
    { operator: "Mul", inputs: ["huge", "small"], outputs: ["larger"] },
    { operator: "ReduceSum", inputs: ["larger"], outputs: ["sum"], attributes: { keepdims: 0 } },
    { operator: "Mul", inputs: ["x", "sum"], outputs: ["y"] },
  ];
  // The shape comes from outside, so that nothing is computed while it is opened.
  const bytes = painter(nodes, [tensor("small", [1], [1e-9])], {}, [value("shape", "int64", [3])]);
  const path = home.file("hungry.onnx", bytes);
  const process = await ModelProcess.open({ main: { path, sha256: null } }, { threads: 1, limitBytes: 400 * 2 ** 20 });
  const feeds = [
    { name: "x", shape: [1, 3, 8, 8], data: new Float32Array(192) },
    { name: "shape", shape: [3], data: Float32Array.of(1024, 1024, 768) },
  ];
  expect(await errorOf(process.run("main", feeds, "y", 60_000))).toMatchObject({ code: "out-of-memory" });
  await home.bringIn("good", negative(1));
  expect((await paint("good", picture(64, 48))).picture.width).toBe(64);
});

test("a stored file that was changed is not used", async () => {
  await home.bringIn("changed", negative(3));
  const path = join(home.folder, "home", "models", "changed.onnx");
  writeFileSync(path, negative(255));
  expect(await errorOf(paint("changed", picture(64, 48)))).toMatchObject({ code: "hash-mismatch" });
});

test("a network whose numbers fail on one picture says so", async () => {
  // 0 / 0 where the picture is black, which the pictures tried are nowhere.
  const nodes: Node[] = [
    { operator: "Div", inputs: ["x", "x"], outputs: ["one"] },
    { operator: "Mul", inputs: ["x", "one"], outputs: ["y"] },
  ];
  await home.bringIn("fragile", painter(nodes), { given: { content: { range: [0, 1] }, output: { range: [0, 1] } } });
  const black = { ...picture(64, 48), data: new Float32Array(3 * 64 * 48) };
  expect(await errorOf(paint("fragile", black))).toMatchObject({
    message: "The network gave values that are no numbers.",
  });
});
