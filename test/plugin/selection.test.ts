// What the panel is told of the selection: kinds, the order of clicking, and problems in words.

import { describe, expect, test } from "vitest";
import { nextOrder } from "../../plugin/selection.ts";
import type { LayerDescription } from "../hosts/figma/inside.ts";
import { openPlugin, plain, RECIPE, settled } from "./open-plugin.ts";

const PHOTO = await plain({ width: 8, height: 8 });

const LAYERS: LayerDescription[] = [
  { key: "photo", type: "RECTANGLE", image: PHOTO, set: { width: 120.4, height: 80.6 } },
  { key: "frame", type: "FRAME", children: [{ key: "inner", type: "RECTANGLE" }] },
  { key: "group", type: "GROUP", children: [{ key: "child", type: "RECTANGLE" }] },
  { key: "text", type: "TEXT", set: { characters: "Hello" } },
  { key: "vector", type: "VECTOR" },
  { key: "component", type: "COMPONENT" },
  { key: "instance", type: "INSTANCE" },
  { key: "section", type: "SECTION" },
];

describe("a selection", () => {
  test("is told when the panel starts, with names, kinds and sizes", async () => {
    const { selection } = await openPlugin({ layers: LAYERS, selected: LAYERS.map(({ key }) => key) });
    const { layers, count, readOnly } = selection();
    expect(layers.map(({ name, kind }) => [name, kind])).toEqual([
      ["photo", "photo"],
      ["frame", "frame"],
      ["group", "group"],
      ["text", "text"],
      ["vector", "shape"],
      ["component", "component"],
      ["instance", "component"],
      ["section", "frame"],
    ]);
    expect(layers[0]).toMatchObject({ width: 120, height: 81, problem: null, recipe: null });
    expect(layers.every(({ problem }) => problem === null)).toBe(true);
    expect([count, readOnly]).toEqual([8, null]);
  });

  test("is empty when nothing is selected", async () => {
    const { selection } = await openPlugin({ layers: LAYERS });
    expect(selection()).toEqual({ layers: [], count: 0, readOnly: null });
  });

  test("keeps the order of clicking, the latest last, whatever the order of the layers", async () => {
    const { vm, selection } = await openPlugin({ layers: LAYERS });
    await vm.select(["text"]);
    await vm.select(["photo", "text"]);
    await settled();
    expect(selection().layers.map(({ name }) => name)).toEqual(["text", "photo"]);
    await vm.select(["photo", "frame", "text"]);
    await vm.select(["photo", "frame"]);
    await settled();
    expect(selection().layers.map(({ name }) => name)).toEqual(["photo", "frame"]);
  });

  test("describes no more than 200 layers, and counts all", async () => {
    const many = Array.from({ length: 230 }, (_, i) => ({ key: `r${i}`, type: "RECTANGLE" as const }));
    const { selection } = await openPlugin({ layers: many, selected: many.map(({ key }) => key) });
    expect(selection().layers).toHaveLength(200);
    expect(selection().layers.at(-1)?.name).toBe("r229");
    expect(selection().count).toBe(230);
  });

  test("changes with the page", async () => {
    const { vm, selection } = await openPlugin({ layers: LAYERS, pages: ["A", "B"], selected: ["photo"] });
    await vm.goToPage(1);
    await settled();
    expect(selection().layers).toEqual([]);
  });

  test("loses a layer that is deleted", async () => {
    const { vm, selection } = await openPlugin({ layers: LAYERS, selected: ["photo", "text"] });
    await vm.remove("photo");
    await settled();
    expect(selection().layers.map(({ name }) => name)).toEqual(["text"]);
  });

  test("says why nothing can be inserted in Dev Mode", async () => {
    const { selection } = await openPlugin({ layers: LAYERS, editorType: "dev", selected: ["photo"] });
    expect(selection().readOnly).toBe("Dev Mode cannot change the file. Switch to the Design tab.");
  });
});

describe("a layer's problem", () => {
  test.each([
    ["hidden", { type: "RECTANGLE", set: { visible: false } }, "is hidden. Show it first"],
    ["in a hidden frame", { type: "FRAME", set: { visible: false }, inner: true }, "is hidden. Show it first"],
    ["less than a pixel", { type: "RECTANGLE", set: { width: 0.5 } }, "is too small"],
    ["a frame with nothing in it", { type: "FRAME", set: { fills: [] } }, "is empty"],
    ["a shape without fill and stroke", { type: "VECTOR", set: { fills: [] } }, "is empty"],
    ["text without a word", { type: "TEXT", set: { characters: " " } }, "is empty"],
  ] as const)("%s", async (_, { type, set, ...rest }, problem) => {
    const child = "inner" in rest ? [{ key: "child", type: "RECTANGLE" as const }] : [];
    const { selection } = await openPlugin({
      layers: [{ key: "layer", type, set, children: child }],
      selected: ["inner" in rest ? "child" : "layer"],
    });
    expect(selection().layers[0]?.problem).toBe(problem);
  });

  test.each([
    ["locked", { type: "RECTANGLE", set: { locked: true } }],
    [
      "a shape with a stroke alone",
      { type: "VECTOR", set: { fills: [], strokes: [{ type: "SOLID", color: { r: 0, g: 0, b: 0 } }] } },
    ],
    ["an empty frame with a fill", { type: "FRAME" }],
  ] as const)(
    "none for a layer that is %s",
    async (_, { type, set }: { type: "VECTOR" | "FRAME" | "RECTANGLE"; set?: object }) => {
      const { selection } = await openPlugin({
        layers: [{ key: "layer", type, ...(set && { set }) }],
        selected: ["layer"],
      });
      expect(selection().layers[0]?.problem).toBeNull();
    },
  );
});

describe("a result among the selected", () => {
  test("comes with its recipe", async () => {
    const { selection } = await openPlugin({
      layers: [{ key: "r", type: "RECTANGLE", set: { pluginData: { recipe: JSON.stringify(RECIPE) } } }],
      selected: ["r"],
    });
    expect(selection().layers[0]?.recipe).toEqual(RECIPE);
  });

  test.each([
    "no json",
    "{}",
    JSON.stringify({ ...RECIPE, version: 2 }),
    JSON.stringify({ ...RECIPE, settings: { strength: 999 } }),
  ])("has none when its data is %s", async (recipe) => {
    const { selection } = await openPlugin({
      layers: [{ key: "r", type: "RECTANGLE", set: { pluginData: { recipe } } }],
      selected: ["r"],
    });
    expect(selection().layers[0]?.recipe).toBeNull();
  });
});

test("what stays selected keeps its place and what is added comes last", () => {
  expect(nextOrder(["a", "b", "c"], ["c", "d", "a"])).toEqual(["a", "c", "d"]);
  expect(nextOrder([], ["a", "b"])).toEqual(["a", "b"]);
});
