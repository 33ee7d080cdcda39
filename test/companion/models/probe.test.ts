// What is found of a network that says nothing of itself, for each convention that such networks have.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeModel } from "../../../companion/models/words.ts";
import { type ModelHome, modelHome } from "./support.ts";
import { type Node, negative, painter, tensor, value } from "./write-onnx.ts";

let home: ModelHome;
beforeAll(() => {
  home = modelHome();
});
afterAll(() => home.remove());

const SCALE: Node = { operator: "Mul", inputs: ["x", "scale"], outputs: ["scaled"] };

describe("a probe finds", () => {
  test.each([
    ["0 to 255", negative(255), [0, 255]],
    ["0 to 1", negative(1), [0, 1]],
    [
      "-1 to 1",
      painter([
        { operator: "Neg", inputs: ["x"], outputs: ["n"] },
        { operator: "Tanh", inputs: ["n"], outputs: ["y"] },
      ]),
      [-1, 1],
    ],
  ])("pixels from %s", async (_, bytes, range) => {
    const { descriptor, found } = await home.bringIn("ranged", bytes);
    expect([descriptor.content.range, descriptor.output.range].map(String)).toEqual([String(range), String(range)]);
    expect(found).toEqual(["content.range", "output.range", "content.multiple"]);
  });

  test("pixels that go in and come out in different ranges", async () => {
    // A network of 0 to 255 that ends in a sigmoid: 1 / (1 + e^((x - 128) / 32)), dark where it was bright.
    const nodes: Node[] = [
      { operator: "Sub", inputs: ["middle", "x"], outputs: ["centered"] },
      { operator: "Div", inputs: ["centered", "width"], outputs: ["slope"] },
      { operator: "Sigmoid", inputs: ["slope"], outputs: ["y"] },
    ];
    const { descriptor } = await home.bringIn(
      "mixed",
      painter(nodes, [tensor("middle", [1], [128]), tensor("width", [1], [-64])]),
    );
    expect([descriptor.content.range, descriptor.output.range]).toEqual([
      [0, 255],
      [0, 1],
    ]);
  });

  test("channels that stand last, and half precision", async () => {
    const last = await home.bringIn("last", negative(1, { layout: "nhwc" }));
    expect([last.descriptor.content.layout, last.descriptor.output.layout]).toEqual(["nhwc", "nhwc"]);
    const half = await home.bringIn(
      "half",
      painter(
        [
          { operator: "Neg", inputs: ["x"], outputs: ["n"] },
          { operator: "Tanh", inputs: ["n"], outputs: ["y"] },
        ],
        [],
        { type: "float16" },
      ),
    );
    expect(half.descriptor.content.range).toEqual([-1, 1]);
  });

  test("the sides that are declared, and what free ones must be multiples of", async () => {
    const fixed = await home.bringIn("fixed", negative(1, { width: 96, height: 64 }));
    expect(fixed.descriptor.content.fixed).toEqual({ width: 96, height: 64 });
    expect(fixed.found).not.toContain("content.multiple");
    // Halved by a pool that rounds down, then doubled twice.
    const pool = { kernel_shape: [4, 4], strides: [4, 4] };
    const nodes: Node[] = [
      { operator: "AveragePool", inputs: ["x"], outputs: ["small"], attributes: pool },
      { operator: "Resize", inputs: ["small", "", "scales"], outputs: ["y"], attributes: { mode: "nearest" } },
    ];
    const free = await home.bringIn("by-four", painter(nodes, [tensor("scales", [4], [1, 1, 4, 4])]));
    expect(free.descriptor.content).toMatchObject({ fixed: null, multiple: 4 });
  });

  test("shares of styles, the number of one, and a plain number", async () => {
    const row = (style: number) => [0, 1, 2].map((channel) => (style + 1) / (channel + 4));
    const table = tensor("table", [5, 3, 1, 1], [0, 1, 2, 3, 4].flatMap(row));
    const index = painter(
      [
        { operator: "Gather", inputs: ["table", "style"], outputs: ["scale"] },
        SCALE,
        { operator: "Identity", inputs: ["scaled"], outputs: ["y"] },
      ],
      [table],
      {},
      [value("style", "int64", [1])],
    );
    expect((await home.bringIn("index", index)).descriptor.controls).toEqual([
      { kind: "index", tensor: "style", labels: ["Style 0", "Style 1", "Style 2", "Style 3", "Style 4"] },
    ]);
    const weights = painter(
      [
        { operator: "MatMul", inputs: ["style_weights", "flat"], outputs: ["mixed"] },
        { operator: "Reshape", inputs: ["mixed", "shape"], outputs: ["scale"] },
        SCALE,
        { operator: "Mul", inputs: ["scaled", "alpha"], outputs: ["y"] },
      ],
      [tensor("flat", [5, 3], [0, 1, 2, 3, 4].flatMap(row)), tensor("shape", [4], [1, 3, 1, 1], "int64")],
      {},
      [value("style_weights", "float", [1, 5]), value("alpha", "float", [1])],
    );
    const model = await home.bringIn("weights", weights);
    expect(model.descriptor.controls).toEqual([
      { kind: "weights", tensor: "style_weights", labels: ["Style 0", "Style 1", "Style 2", "Style 3", "Style 4"] },
      { kind: "number", tensor: "alpha", label: "alpha", min: 0, max: 1, default: 1 },
    ]);
    expect(describeModel(model).join("\n")).toContain(
      "style_weights: one of 0, 1, 2, 3, 4, or shares of them (found by trying)",
    );
  });

  test("that it looks at the whole picture", async () => {
    const nodes: Node[] = [
      { operator: "InstanceNormalization", inputs: ["x", "gain", "bias"], outputs: ["flat"] },
      { operator: "Sigmoid", inputs: ["flat"], outputs: ["y"] },
    ];
    const initializers = [tensor("gain", [3], [1, 1, 1]), tensor("bias", [3], [0, 0, 0])];
    expect((await home.bringIn("normalizing", painter(nodes, initializers))).looksAtAll).toBe(true);
    expect((await home.bringIn("local", negative(1))).looksAtAll).toBe(false);
  });
});

test("what a person says is not tried", async () => {
  const given = {
    content: { range: [0, 255], order: "bgr" as const, multiple: 8 },
    output: { range: [0, 1] },
    license: "CC0",
  };
  const { descriptor, found } = await home.bringIn("said", negative(1), { given });
  expect(found).toEqual([]);
  expect(descriptor).toMatchObject({ ...given, output: { range: [0, 1], order: "rgb" } });
});
