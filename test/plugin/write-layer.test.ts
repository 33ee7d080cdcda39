// Inserting a result: where it stands, what it looks like, what it remembers, and that nothing else changes.

import { describe, expect, test } from "vitest";
import type { InsertedResult, Tile } from "../../companion/protocol/host/messages.ts";
import type { Inspection, LayerDescription, OpenOptions } from "../hosts/figma/inside.ts";
import type { NodeState } from "../hosts/figma/state.ts";
import { openPlugin, pixelAt, plain, quarters, RECIPE, refusalOf, resultFor } from "./open-plugin.ts";

const TURNED: NodeState["transform"] = [
  [Math.cos(0.5), -Math.sin(0.5), 40],
  [Math.sin(0.5), Math.cos(0.5), 70],
];
const FLIPPED: NodeState["transform"] = [
  [-1, 0, 90],
  [0, 1, 10],
];
const PHOTO = await plain({ width: 8, height: 4 });

function photo(set: Partial<NodeState> = {}): LayerDescription {
  const transform: NodeState["transform"] = [
    [1, 0, 15],
    [0, 1, 25],
  ];
  return { key: "content", type: "RECTANGLE", image: PHOTO, set: { width: 80, height: 40, transform, ...set } };
}

async function insert(options: OpenOptions, change: Partial<InsertedResult> = {}, content = "content") {
  const plugin = await openPlugin(options);
  const { vm, ask } = plugin;
  const before = await vm.inspect(content);
  const result = await resultFor(before.id, change);
  const newId = await ask<string>({ kind: "insert", result, last: true });
  return { ...plugin, before, after: await vm.inspect(content), layer: await vm.inspect(newId), newId };
}

function closeTo(actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  for (const [i, row] of expected.entries()) {
    for (const [j, value] of row.entries()) expect(actual[i]?.[j]).toBeCloseTo(value, 6);
  }
}

/** The result covers its content exactly, and stands right above it in the same parent. */
function standsAbove(layer: Inspection, content: Inspection): void {
  expect(layer.parent).toBe(content.parent);
  expect(layer.index).toBe(content.index + 1);
  covers(layer, content);
}

function covers(layer: Inspection, content: Inspection): void {
  expect([layer.width, layer.height]).toEqual([content.width, content.height]);
  closeTo(layer.absoluteTransform, content.absoluteTransform);
}

describe("the new layer", () => {
  test("stands right above its content with its bounds, between the layers around it", async () => {
    const layers = [{ key: "below", type: "RECTANGLE" as const }, photo(), { key: "above", type: "TEXT" as const }];
    const { layer, before, after, vm } = await insert({ layers });
    standsAbove(layer, before);
    expect(after).toEqual(before);
    expect((await vm.inspect("above")).index).toBe(layer.index + 1);
    expect(layer).toMatchObject({ type: "RECTANGLE", name: "Harbor / Waves", locked: false });
  });

  test("shows the result", async () => {
    const { vm, newId } = await insert({ layers: [photo()] });
    const picture = await vm.picture(newId);
    expect(await pixelAt(picture, 0.25, 0.25)).toEqual([255, 0, 0, 255]);
    expect(await pixelAt(picture, 0.75, 0.25)).toEqual([0, 255, 0, 255]);
    expect(await pixelAt(picture, 0.25, 0.75)).toEqual([0, 0, 255, 255]);
  });

  test.each([
    ["rotation", TURNED],
    ["flip", FLIPPED],
  ])("has its content's %s", async (_, transform) => {
    const { layer, before } = await insert({ layers: [photo({ transform })] });
    standsAbove(layer, before);
  });

  test.each([
    ["equal", [12, 12, 12, 12]],
    ["different", [1, 2, 3, 4]],
  ] as const)("has its content's corners when they are %s", async (_, radii) => {
    const { layer } = await insert({ layers: [photo({ radii: [...radii], cornerSmoothing: 0.6 })] });
    expect(layer.radii).toEqual(radii);
  });

  test("has its content's constraints", async () => {
    const constraints = { horizontal: "STRETCH", vertical: "MAX" } as const;
    const { layer } = await insert({ layers: [{ key: "frame", type: "FRAME", children: [photo({ constraints })] }] });
    expect(layer.constraints).toEqual(constraints);
  });

  test.each(["TEXT", "VECTOR", "GROUP", "ELLIPSE", "INSTANCE", "COMPONENT", "SECTION", "FRAME"] as const)(
    "covers a content of type %s",
    async (type) => {
      const set = type === "GROUP" ? {} : { width: 80, height: 40, transform: TURNED };
      const child: LayerDescription = { key: "child", type: "RECTANGLE", set: { width: 80, height: 40 } };
      const { layer, before } = await insert({
        layers: [{ key: "content", type, set, children: type === "TEXT" ? [] : [child] }],
      });
      standsAbove(layer, before);
    },
  );

  test("covers a locked content and is not locked itself", async () => {
    const { layer, before, after } = await insert({ layers: [photo({ locked: true })] });
    standsAbove(layer, before);
    expect([after.locked, layer.locked]).toEqual([true, false]);
  });

  test("stands in its content's frame, which may be turned", async () => {
    const frame: LayerDescription = { key: "frame", type: "FRAME", set: { transform: TURNED }, children: [photo()] };
    const { layer, before } = await insert({ layers: [frame] });
    standsAbove(layer, before);
    expect(layer.transform).toEqual(before.transform);
  });

  test("stands in its content's group within a frame: groups have no space of their own", async () => {
    const group: LayerDescription = { key: "group", type: "GROUP", children: [photo({ transform: TURNED })] };
    const frame: LayerDescription = { key: "frame", type: "FRAME", set: { transform: FLIPPED }, children: [group] };
    const { layer, before } = await insert({ layers: [frame] });
    standsAbove(layer, before);
  });

  test("does not move what auto layout places", async () => {
    const set = { layoutMode: "HORIZONTAL", itemSpacing: 10, padding: 5, width: 400 } as const;
    const children: LayerDescription[] = [
      { key: "first", type: "RECTANGLE" },
      photo(),
      { key: "last", type: "RECTANGLE" },
    ];
    const { layer, before, after, vm } = await insert({ layers: [{ key: "row", type: "FRAME", set, children }] });
    standsAbove(layer, before);
    expect(layer.layoutPositioning).toBe("ABSOLUTE");
    expect(after).toEqual(before);
    const last = await vm.inspect("last");
    expect(last.transform[0][2]).toBe(5 + 100 + 10 + 80 + 10);
  });

  test("stands above the instance its content is in, since an instance takes nothing", async () => {
    const large = { width: 400, height: 400 };
    const inner: LayerDescription = {
      key: "inner",
      type: "INSTANCE",
      set: { ...large, transform: TURNED },
      children: [photo()],
    };
    const outer: LayerDescription = {
      key: "outer",
      type: "INSTANCE",
      set: { ...large, transform: FLIPPED },
      children: [inner],
    };
    const frame: LayerDescription = { key: "frame", type: "FRAME", set: { transform: TURNED }, children: [outer] };
    const { layer, before, after, vm } = await insert({ layers: [frame] });
    const instance = await vm.inspect("outer");
    expect([layer.parent, layer.index]).toEqual([await vm.id("frame"), instance.index + 1]);
    covers(layer, before);
    expect(after).toEqual(before);
  });

  test("covers a content within an instance that stands in a group", async () => {
    const instance: LayerDescription = { key: "i", type: "INSTANCE", set: { transform: TURNED }, children: [photo()] };
    const group: LayerDescription = { key: "group", type: "GROUP", children: [instance] };
    const frame: LayerDescription = { key: "frame", type: "FRAME", set: { transform: FLIPPED }, children: [group] };
    const { layer, before, vm } = await insert({ layers: [frame] });
    expect(layer.parent).toBe(await vm.id("group"));
    covers(layer, before);
  });

  test.each(["BOOLEAN_OPERATION", "COMPONENT_SET"] as const)(
    "stands above a %s, which it would change",
    async (type) => {
      const content: LayerDescription = type === "COMPONENT_SET" ? { ...photo(), type: "COMPONENT" } : photo();
      const { layer, before, vm } = await insert({ layers: [{ key: "closed", type, children: [content] }] });
      const closed = await vm.inspect("closed");
      expect([layer.parent, layer.index]).toEqual([closed.parent, closed.index + 1]);
      expect(closed.children).toEqual([before.id]);
      covers(layer, before);
    },
  );

  test("stands above an instance that is the content itself", async () => {
    const { layer, before } = await insert({
      layers: [{ key: "content", type: "INSTANCE", children: [{ key: "c", type: "TEXT" }] }],
    });
    standsAbove(layer, before);
  });

  test("is masked as its content is", async () => {
    const mask: LayerDescription = { key: "mask", type: "ELLIPSE", set: { isMask: true, width: 80, height: 40 } };
    const content = photo({
      transform: [
        [1, 0, 0],
        [0, 1, 0],
      ],
    });
    const { layer, before, vm } = await insert({
      layers: [{ key: "group", type: "FRAME", children: [mask, content] }],
    });
    standsAbove(layer, before);
    const picture = await vm.picture("group", 2);
    const [, , , corner] = await pixelAt(picture, 0.01, 0.01);
    const [r, g, b] = await pixelAt(picture, 0.2, 0.15);
    expect([r, g, b]).toEqual([255, 0, 0]);
    expect((await pixelAt(picture, 0.005, 0.005)).slice(0, 3)).not.toEqual([255, 0, 0]);
    expect(corner).toBe(255);
  });

  test("is no mask where its content is one, which stays one", async () => {
    const above: LayerDescription = { key: "above", type: "RECTANGLE" };
    const { layer, before, after } = await insert({ layers: [photo({ isMask: true }), above] });
    standsAbove(layer, before);
    expect([layer.isMask, after.isMask]).toEqual([false, true]);
  });

  test("lies on its content's page, wherever the person is now", async () => {
    const { layer, before, vm } = await insert({ layers: [{ ...photo(), page: 1 }], pages: ["A", "B"] });
    standsAbove(layer, before);
    expect(await vm.selection()).toEqual([]);
  });
});

/** A result of 90 × 50 px in tiles of at most 40 px. */
async function tiles(): Promise<Pick<InsertedResult, "width" | "height" | "tiles">> {
  const parts: Tile[] = [];
  for (let y = 0; y < 50; y += 40) {
    for (let x = 0; x < 90; x += 40) {
      const [width, height] = [Math.min(40, 90 - x), Math.min(40, 50 - y)];
      parts.push({ x, y, width, height, bytes: await quarters({ width, height }) });
    }
  }
  return { width: 90, height: 50, tiles: parts };
}

describe("a result in tiles", () => {
  test.each([
    ["upright", {}],
    ["turned", { transform: TURNED }],
  ])("becomes one group that covers its %s content", async (_, set) => {
    const { layer, before, after, vm } = await insert(
      { layers: [photo({ ...set, width: 180, height: 100 })] },
      await tiles(),
    );
    expect([layer.type, layer.name]).toEqual(["GROUP", "Harbor / Waves"]);
    expect([layer.parent, layer.index]).toEqual([before.parent, before.index + 1]);
    expect(layer.bounds.x).toBeCloseTo(before.bounds.x, 6);
    expect(layer.bounds.y).toBeCloseTo(before.bounds.y, 6);
    expect(layer.bounds.width).toBeCloseTo(before.bounds.width, 6);
    expect(layer.bounds.height).toBeCloseTo(before.bounds.height, 6);
    expect(after).toEqual(before);
    const pieces = await Promise.all(layer.children.map((id) => vm.inspect(id)));
    expect(pieces.map(({ width, height }) => [width, height])).toEqual([
      [80, 80],
      [80, 80],
      [20, 80],
      [80, 20],
      [80, 20],
      [20, 20],
    ]);
  });

  test("leaves no gap and no overlap", async () => {
    const { vm, newId } = await insert({ layers: [photo({ width: 90, height: 50 })] }, await tiles());
    const picture = await vm.picture(newId);
    for (const [x, y, expected] of [
      [10, 10, [255, 0, 0, 255]],
      [50, 10, [255, 0, 0, 255]],
      [70, 10, [0, 255, 0, 255]],
      [10, 42, [255, 0, 0, 255]],
      [10, 48, [0, 0, 255, 255]],
      [87, 48, [255, 255, 255, 255]],
    ] as const) {
      expect(await pixelAt(picture, (x + 0.5) / 90, (y + 0.5) / 50)).toEqual(expected);
    }
  });

  test("keeps the content's corners at the outer tiles", async () => {
    const { layer, vm } = await insert(
      { layers: [photo({ width: 90, height: 50, radii: [1, 2, 3, 4] })] },
      await tiles(),
    );
    const pieces = await Promise.all(layer.children.map((id) => vm.inspect(id)));
    expect(pieces.map(({ radii }) => radii)).toEqual([
      [1, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 2, 0, 0],
      [0, 0, 0, 4],
      [0, 0, 0, 0],
      [0, 0, 3, 0],
    ]);
  });

  test("scales with its frame where the content stretches", async () => {
    const content = photo({ constraints: { horizontal: "STRETCH", vertical: "MAX" } });
    const { layer, vm } = await insert({ layers: [{ key: "f", type: "FRAME", children: [content] }] }, await tiles());
    const pieces = await Promise.all(layer.children.map((id) => vm.inspect(id)));
    for (const { constraints } of pieces) expect(constraints).toEqual({ horizontal: "SCALE", vertical: "MAX" });
  });

  test("does not take part in auto layout", async () => {
    const set = { layoutMode: "VERTICAL", itemSpacing: 10, width: 400 } as const;
    const children = [{ key: "first", type: "TEXT" as const }, photo({ width: 90, height: 50 })];
    const { layer, before, after } = await insert(
      { layers: [{ key: "c", type: "FRAME", set, children }] },
      await tiles(),
    );
    expect(layer.layoutPositioning).toBe("ABSOLUTE");
    expect(after).toEqual(before);
    expect(layer.bounds).toEqual(before.bounds);
  });

  test("carries recipe and relaunch button on the group", async () => {
    const { layer } = await insert({ layers: [photo()] }, await tiles());
    expect(JSON.parse(layer.recipe).styleName).toBe("Waves");
    expect(Object.keys(layer.relaunch)).toEqual(["restyle"]);
  });
});

describe("what a result remembers", () => {
  test("is its recipe, as the selection then tells it", async () => {
    const { before, selection } = await insert({ layers: [photo()] });
    expect(selection().layers[0]?.recipe).toEqual({ ...RECIPE, contentId: before.id });
  });

  test("is a relaunch button that says what was done", async () => {
    const { layer } = await insert({ layers: [photo()] });
    expect(layer.relaunch).toEqual({ restyle: "Harbor in the style of Waves" });
  });

  test("keeps within Figma's limit for a button's words", async () => {
    const recipe = { ...RECIPE, contentName: "n".repeat(3000) };
    const { layer } = await insert({ layers: [photo()] }, { recipe });
    expect(layer.relaunch.restyle).toHaveLength(1000);
  });

  test.each([
    ["ASCII", "n".repeat(120_000)],
    ["three bytes each", "畫".repeat(40_000)],
  ])("is left out rather than the result where it exceeds 100 kB (%s)", async (_, contentName) => {
    const { layer, before } = await insert({ layers: [photo()] }, { recipe: { ...RECIPE, contentName } });
    standsAbove(layer, before);
    expect(layer.recipe).toBe("");
  });

  test("fits when it is large but below the limit", async () => {
    const { layer } = await insert({ layers: [photo()] }, { recipe: { ...RECIPE, contentName: "n".repeat(80_000) } });
    expect(JSON.parse(layer.recipe).contentName).toHaveLength(80_000);
  });
});

describe("after an insertion", () => {
  test("the result is selected", async () => {
    const { vm, newId } = await insert({ layers: [photo()], selected: ["content"] });
    expect(await vm.selection()).toEqual([newId]);
  });

  test("the view moves only when the result is out of it", async () => {
    const { vm, ask, newId } = await insert({ layers: [photo()] });
    expect(await vm.viewed()).toEqual([]);
    await vm.setView({ x: 5000, y: 5000, width: 100, height: 100 });
    const again = await ask<string>({ kind: "insert", result: await resultFor(await vm.id("content")), last: true });
    expect(again).not.toBe(newId);
    expect(await vm.viewed()).toEqual([[again]]);
  });

  test("one undo brings everything back exactly", async () => {
    const { vm, ask } = await openPlugin({ layers: [photo(), { key: "above", type: "TEXT" }] });
    const [before, steps] = [await vm.snapshot(), await vm.undoSteps()];
    const newId = await ask<string>({ kind: "insert", result: await resultFor(await vm.id("content")), last: true });
    expect(await vm.undoSteps()).toBe(steps + 1);
    expect(await vm.exists(newId)).toBe(true);
    await vm.undo();
    expect(await vm.snapshot()).toBe(before);
    expect(await vm.exists(newId)).toBe(false);
  });

  test("the panel's undo does the same", async () => {
    const { vm, ask } = await openPlugin({ layers: [photo()] });
    const before = await vm.snapshot();
    await ask({ kind: "insert", result: await resultFor(await vm.id("content")), last: true });
    await ask({ kind: "undo" });
    expect(await vm.snapshot()).toBe(before);
  });

  test("undo leaves an earlier result alone", async () => {
    const { vm, ask, newId } = await insert({ layers: [photo()] });
    const second = await ask<string>({ kind: "insert", result: await resultFor(await vm.id("content")), last: true });
    await ask({ kind: "undo" });
    expect([await vm.exists(newId), await vm.exists(second)]).toEqual([true, false]);
  });
});

describe("a batch", () => {
  const FRAMES = Array.from({ length: 12 }, (_, i): LayerDescription => ({ key: `f${i}`, type: "FRAME", page: i % 2 }));

  test("is one undo step, and selects all results on the page in view", async () => {
    const { vm, ask } = await openPlugin({ layers: FRAMES, pages: ["A", "B"] });
    const [before, steps] = [await vm.snapshot(), await vm.undoSteps()];
    const inserted: string[] = [];
    for (const [i, { key }] of FRAMES.entries()) {
      const result = await resultFor(await vm.id(key));
      inserted.push(await ask<string>({ kind: "insert", result, last: i === FRAMES.length - 1 }));
    }
    expect(await vm.undoSteps()).toBe(steps + 1);
    expect(await vm.selection()).toEqual(inserted.filter((_, i) => i % 2 === 0));
    for (const [i, id] of inserted.entries()) standsAbove(await vm.inspect(id), await vm.inspect(`f${i}`));
    await vm.undo();
    expect(await vm.snapshot()).toBe(before);
  });

  test("goes on when one of its frames was deleted, and is still one undo step", async () => {
    const { vm, ask } = await openPlugin({ layers: FRAMES.map((frame) => ({ ...frame, page: 0 })) });
    const [before, steps] = [await vm.snapshot(), await vm.undoSteps()];
    const first = await ask<string>({ kind: "insert", result: await resultFor(await vm.id("f0")), last: false });
    const gone = await refusalOf(ask({ kind: "insert", result: await resultFor("77:7"), last: false }));
    expect(gone.code).toBe("not-found");
    const next = await ask<string>({ kind: "insert", result: await resultFor(await vm.id("f1")), last: true });
    expect([await vm.undoSteps(), await vm.selection()]).toEqual([steps + 1, [first, next]]);
    await vm.undo();
    expect(await vm.snapshot()).toBe(before);
  });

  test("is over with its last frame, also when that one was deleted", async () => {
    const { vm, ask } = await openPlugin({ layers: FRAMES.map((frame) => ({ ...frame, page: 0 })) });
    const steps = await vm.undoSteps();
    const first = await ask<string>({ kind: "insert", result: await resultFor(await vm.id("f0")), last: false });
    await refusalOf(ask({ kind: "insert", result: await resultFor("77:7"), last: true }));
    expect([await vm.undoSteps(), await vm.selection()]).toEqual([steps + 1, [first]]);
  });
});

describe("what Figma refuses", () => {
  test.each([
    ["a picture above 4096 px", { width: 4200, height: 8 }, "Figma did not take the result: Image is too large."],
  ])("%s leaves nothing behind", async (_, { width, height }, words) => {
    const { vm, ask } = await openPlugin({ layers: [photo()] });
    const before = await vm.snapshot();
    const small = { x: 0, y: 0, width: 8, height: 8, bytes: await quarters({ width: 8, height: 8 }) };
    const large = { x: 8, y: 0, width, height, bytes: await plain({ width, height }) };
    const result = await resultFor(await vm.id("content"), { tiles: [small, large] });
    const body = await refusalOf(ask({ kind: "insert", result, last: true }));
    expect(body).toEqual({
      code: "conflict",
      message: words,
      hint: "Check that you may edit this file, then insert it again.",
    });
    expect(await vm.snapshot()).toBe(before);
  });

  test("bytes that are no picture leave nothing behind", async () => {
    const { vm, ask } = await openPlugin({ layers: [photo()] });
    const before = await vm.snapshot();
    const tile = { x: 0, y: 0, width: 8, height: 8, bytes: new Uint8Array([1, 2, 3]) };
    const result = await resultFor(await vm.id("content"), { tiles: [tile] });
    expect((await refusalOf(ask({ kind: "insert", result, last: true }))).message).toBe(
      "Figma did not take the result: Image type is unsupported.",
    );
    expect(await vm.snapshot()).toBe(before);
  });

  test.each(["createRectangle", "group"])("a failing %s leaves nothing behind", async (name) => {
    const { vm, ask } = await openPlugin({ layers: [photo()] });
    const before = await vm.snapshot();
    await vm.breakCall(name, `in ${name}: the document is busy`);
    const result = await resultFor(await vm.id("content"), await tiles());
    expect((await refusalOf(ask({ kind: "insert", result, last: true }))).message).toBe(
      "Figma did not take the result: the document is busy.",
    );
    expect(await vm.snapshot()).toBe(before);
  });

  test("a file that may only be viewed", async () => {
    const { vm, ask } = await openPlugin({ layers: [photo()] });
    await vm.setReadOnly();
    const before = await vm.snapshot();
    const body = await refusalOf(ask({ kind: "insert", result: await resultFor(await vm.id("content")), last: true }));
    expect(body.message).toBe("Figma did not take the result: This file is in view-only mode.");
    expect(await vm.snapshot()).toBe(before);
  });

  test("a content that was deleted meanwhile", async () => {
    const { vm, ask } = await openPlugin({ layers: [photo()] });
    const contentId = await vm.id("content");
    await vm.remove("content");
    const body = await refusalOf(ask({ kind: "insert", result: await resultFor(contentId), last: true }));
    expect(body).toEqual({
      code: "not-found",
      message: "This layer was deleted.",
      hint: "Undo that, then insert again.",
    });
  });
});
