// Results that are older than their layers: what counts as a change, and the newer picture in the older one's place.

import { describe, expect, test } from "vitest";
import type { Layer } from "../../companion/protocol/host/layer-types.ts";
import type { NodeState } from "../hosts/figma/state.ts";
import { openPlugin, plain, quarters, resultFor } from "./open-plugin.ts";

const PHOTO = await plain({ width: 8, height: 4 });
const OTHER = await plain({ width: 8, height: 4, background: "#ff0000" });

/** A frame with a photo and a headline in it, painted in a style. */
async function painted() {
  const plugin = await openPlugin({
    layers: [
      {
        key: "content",
        type: "FRAME",
        set: { width: 80, height: 40 },
        children: [
          { key: "photo", type: "RECTANGLE", image: PHOTO },
          { key: "headline", type: "TEXT", set: { characters: "Salon" } },
        ],
      },
      { key: "style", type: "RECTANGLE", image: OTHER },
    ],
  });
  const { ask, vm } = plugin;
  const [content, style] = [await vm.inspect("content"), await vm.inspect("style")];
  const result = await resultFor(content.id);
  result.recipe = { ...result.recipe, styleId: style.id };
  const id = await ask<string>({ kind: "insert", result, last: true });
  const stale = async () => (await ask<Layer[]>({ kind: "stale-results" })).map((layer) => layer.id);
  return { ...plugin, id, result, stale, content };
}

describe("a result", () => {
  test("is not older than its layers while nothing in them changes that shows", async () => {
    const { vm, stale } = await painted();
    expect(await stale()).toEqual([]);
    const moved: NodeState["transform"] = [
      [1, 0, 500],
      [0, 1, 500],
    ];
    await vm.set("content", { transform: moved, name: "Renamed", locked: true });
    expect(await stale()).toEqual([]);
  });

  test.each<[string, string, Partial<NodeState>]>([
    ["a text in its content", "headline", { characters: "Salon 1902" }],
    ["a color", "headline", { fills: [{ type: "SOLID", color: { r: 1, g: 0, b: 0 } }] }],
    ["what is shown", "photo", { visible: false }],
    [
      "a place within its content",
      "photo",
      {
        transform: [
          [1, 0, 9],
          [0, 1, 0],
        ],
      },
    ],
    ["its size", "content", { width: 90 }],
    ["its style", "style", { opacity: 0.5 }],
  ])("is older once %s changed, and no longer once that is undone", async (_, key, change) => {
    const { id, vm, stale } = await painted();
    const before = await vm.state(key);
    await vm.set(key, change);
    expect(await stale()).toEqual([id]);
    await vm.set(key, before);
    expect(await stale()).toEqual([]);
  });

  test("of a group is not older when the group is moved or turned, but when something in it is", async () => {
    const at = (x: number, y: number): NodeState["transform"] => [
      [1, 0, x],
      [0, 1, y],
    ];
    const child = (key: string, x: number) => ({ key, type: "RECTANGLE" as const, set: { transform: at(x, 5) } });
    const inner = { key: "inner", type: "GROUP" as const, children: [child("a", 10)] };
    const { ask, vm } = await openPlugin({
      layers: [{ key: "group", type: "GROUP", children: [inner, child("b", 200)] }],
    });
    const result = await resultFor(await vm.id("group"));
    const id = await ask<string>({ kind: "insert", result, last: true });
    const stale = async () => (await ask<Layer[]>({ kind: "stale-results" })).map((layer) => layer.id);
    for (const key of ["a", "b"]) await vm.set(key, { transform: at(key === "a" ? 310.1 : 500.1, 45.3) });
    expect(await stale()).toEqual([]);
    await vm.set("a", { transform: at(320, 45) });
    expect(await stale()).toEqual([id]);
  });

  test("counts from when its layers were read, not from when it was inserted", async () => {
    const { ask, vm, content, result, stale } = await painted();
    await ask({ kind: "read-picture", layerId: content.id, maxSide: 64 });
    await vm.set("headline", { characters: "Changed while it was painted" });
    const later = await ask<string>({ kind: "insert", result, last: true });
    expect(await stale()).toContain(later);
  });

  test("without its content is not offered", async () => {
    const { vm, stale } = await painted();
    await vm.remove("content");
    await vm.set("style", { opacity: 0.5 });
    expect(await stale()).toEqual([]);
  });

  test("gets its newer picture in place, with what was done to it since, and is up to date", async () => {
    const { ask, id, vm, result, stale } = await painted();
    await vm.set("headline", { characters: "Salon 1902" });
    await vm.set(id, { opacity: 0.7, width: 33, name: "Kept" });
    const before = await vm.inspect(id);
    const bytes = await quarters({ width: 60, height: 30 });
    const tile = { x: 0, y: 0, width: 60, height: 30, bytes };
    const content = await vm.inspect("content");
    await ask({ kind: "read-picture", layerId: content.id, maxSide: 64 });
    const newer = { ...result, width: 60, height: 30, tiles: [tile], replaces: id };
    await ask({ kind: "insert", result: newer, last: true });
    const after = await vm.inspect(id);
    expect(after.fills).not.toEqual(before.fills);
    expect({ ...after, fills: [] }).toEqual({ ...before, fills: [] });
    expect(await stale()).toEqual([]);
    await vm.undo();
    expect((await vm.inspect(id)).fills).toEqual(before.fills);
  });

  test("takes its newer picture as it stands where its size was written in another form", async () => {
    const { ask, id, vm, result } = await painted();
    const { pluginData, width } = await vm.state(id);
    await vm.set(id, { pluginData: { ...pluginData, "content-size": "{" } });
    expect(await ask({ kind: "insert", result: { ...result, replaces: id }, last: true })).toBe(id);
    expect((await vm.state(id)).width).toBe(width);
  });

  test("of several that are painted anew together one undo brings all back, with the sheet that came after them", async () => {
    const { ask, id, vm, result } = await painted();
    const other = await ask<string>({ kind: "insert", result, last: true });
    const [before, steps] = [await vm.snapshot(), await vm.undoSteps()];
    const bytes = await quarters({ width: 60, height: 30 });
    const tiles = [{ x: 0, y: 0, width: 60, height: 30, bytes }];
    for (const replaces of [id, other]) {
      const newer = { ...result, width: 60, height: 30, tiles, replaces };
      expect(await ask({ kind: "insert", result: newer, last: false })).toBe(replaces);
    }
    const { contentId, recipe } = result;
    const cells = [{ label: "one", width: 60, height: 30, bytes, recipe }];
    await ask({ kind: "insert-sheet", sheet: { contentId, name: "Sheet", columns: 1, cells }, pageId: null });
    expect(await vm.undoSteps()).toBe(steps + 1);
    expect(await vm.snapshot()).not.toEqual(before);
    await vm.undo();
    expect(await vm.snapshot()).toEqual(before);
  });

  test("grows as its content was resized when it is painted anew, whatever its own size is by now", async () => {
    const { ask, id, vm, result } = await painted();
    await vm.set(id, { width: 40, height: 20 });
    await vm.set("content", { width: 80, height: 60 });
    await ask({ kind: "insert", result: { ...result, replaces: id }, last: true });
    expect(await vm.inspect(id)).toMatchObject({ width: 40, height: 30 });
    await ask({ kind: "insert", result: { ...result, replaces: id }, last: true });
    expect(await vm.inspect(id)).toMatchObject({ width: 40, height: 30 });
  });

  test("is older once a mask of it changed or lies elsewhere over the content, not when both were moved", async () => {
    const at = (x: number, y: number): NodeState["transform"] => [
      [1, 0, x],
      [0, 1, y],
    ];
    const layers = ["content", "mask"].map((key) => ({ key, type: "ELLIPSE" as const, set: { transform: at(0, 0) } }));
    const { ask, vm } = await openPlugin({ layers });
    const result = await resultFor(await vm.id("content"));
    const mask = { layerId: await vm.id("mask"), name: "mask", role: { kind: "protect" as const }, byAlpha: true };
    result.recipe = { ...result.recipe, masks: [mask] };
    const id = await ask<string>({ kind: "insert", result, last: true });
    const stale = async () => (await ask<Layer[]>({ kind: "stale-results" })).map((layer) => layer.id);
    for (const key of ["content", "mask"]) await vm.set(key, { transform: at(70, 30) });
    expect(await stale()).toEqual([]);
    await vm.set("mask", { transform: at(75, 30) });
    expect(await stale()).toEqual([id]);
    await vm.set("mask", { transform: at(70, 30), opacity: 0.4 });
    expect(await stale()).toEqual([id]);
  });
});
