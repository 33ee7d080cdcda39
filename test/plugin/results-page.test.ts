// Results on a page of their own: copies of the frames at their places, each with its result; one undo step, or nothing.

import { describe, expect, test } from "vitest";
import type { InsertedSheet } from "../../companion/protocol/host/messages.ts";
import type { Inspection, LayerDescription, OpenOptions } from "../hosts/figma/inside.ts";
import type { NodeState } from "../hosts/figma/state.ts";
import { type OpenPlugin, openPlugin, plain, quarters, RECIPE, refusalOf, resultFor } from "./open-plugin.ts";

const PHOTO = await plain({ width: 8, height: 4 });
const TURNED: NodeState["transform"] = [
  [Math.cos(0.5), -Math.sin(0.5), 40],
  [Math.sin(0.5), Math.cos(0.5), 70],
];

function at(x: number, y: number): NodeState["transform"] {
  return [
    [1, 0, x],
    [0, 1, y],
  ];
}

function frame(key: string, x: number, y = 0, more: Partial<LayerDescription> = {}): LayerDescription {
  return { key, type: "FRAME", ...more, set: { width: 80, height: 40, transform: at(x, y), ...more.set } };
}

/** As the panel does it: the page, the copies, a result above each copy that there is. */
async function insertOnPage({ ask, vm }: OpenPlugin, keys: readonly string[], earlier: string | null = null) {
  const pageId = await ask<string>({ kind: "results-page", pageId: earlier });
  const layerIds = await Promise.all(keys.map((key) => vm.id(key)));
  const copies = await ask<(string | null)[]>({ kind: "copy-layers", layerIds });
  const there = copies.filter((copy) => copy !== null);
  const results: string[] = [];
  for (const [index, copy] of there.entries()) {
    const result = await resultFor(copy);
    results.push(await ask<string>({ kind: "insert", result, last: index === there.length - 1 }));
  }
  const inspect = (id: string) => vm.inspect(id);
  return { pageId, copies: await Promise.all(there.map(inspect)), results: await Promise.all(results.map(inspect)) };
}

async function insertFrom(options: OpenOptions, keys: readonly string[]) {
  const plugin = await openPlugin(options);
  const originals = await Promise.all(keys.map((key) => plugin.vm.inspect(key)));
  return { ...plugin, originals, ...(await insertOnPage(plugin, keys)) };
}

function covers(one: Inspection, other: Inspection): void {
  expect([one.width, one.height]).toEqual([other.width, other.height]);
  for (const [i, row] of other.absoluteTransform.entries()) {
    for (const [j, value] of row.entries()) expect(one.absoluteTransform[i as 0 | 1][j]).toBeCloseTo(value, 6);
  }
}

describe("results on a new page", () => {
  const LAYERS = [frame("A", 15, 25), frame("B", 200), frame("C", 400)];

  test("stand above copies that have the names, places and order of the originals, which are not touched", async () => {
    const plugin = await openPlugin({ layers: LAYERS });
    const originals = await Promise.all(["C", "A", "B"].map((key) => plugin.vm.inspect(key)));
    const { copies, results, pageId } = await insertOnPage(plugin, ["C", "A", "B"]);
    expect(copies.map(({ name, parent }) => [name, parent])).toEqual(["C", "A", "B"].map((name) => [name, pageId]));
    // Back to front A, B, C as on the first page, each with its result.
    expect(copies.map(({ index }) => index)).toEqual([4, 0, 2]);
    for (const [index, copy] of copies.entries()) {
      const [original, result] = [originals[index] as Inspection, results[index] as Inspection];
      covers(copy, original);
      covers(result, copy);
      expect([result.parent, result.index]).toEqual([pageId, copy.index + 1]);
      expect(JSON.parse(result.recipe).contentId).toBe(copy.id);
    }
    expect(await Promise.all(["C", "A", "B"].map((key) => plugin.vm.inspect(key)))).toEqual(originals);
  });

  test("come into view on the page “Impasto results”, selected, and one undo takes all of it back", async () => {
    const plugin = await openPlugin({ layers: LAYERS, pages: ["Home"] });
    const { vm } = plugin;
    const [before, steps] = [await vm.snapshot(), await vm.undoSteps()];
    const { results } = await insertOnPage(plugin, ["A", "B", "C"]);
    expect(await vm.pages()).toEqual({ names: ["Home", "Impasto results"], current: "Impasto results" });
    expect(await vm.selection()).toEqual(results.map(({ id }) => id));
    expect(await vm.undoSteps()).toBe(steps + 1);
    await vm.undo();
    expect(await vm.snapshot()).toBe(before);
  });

  test("get a number where the name is taken", async () => {
    const { vm } = await insertFrom({ layers: LAYERS, pages: ["Impasto results", "Impasto results 2"] }, ["A"]);
    expect((await vm.pages()).current).toBe("Impasto results 3");
  });

  test("join those of an earlier insertion, or stand on another page where that one was deleted", async () => {
    const plugin = await openPlugin({ layers: LAYERS });
    const { vm } = plugin;
    const first = await insertOnPage(plugin, ["A"]);
    const second = await insertOnPage(plugin, ["B"], first.pageId);
    expect(second.pageId).toBe(first.pageId);
    expect((await vm.state(first.pageId)).children).toHaveLength(4);
    await vm.goToPage(0);
    await vm.remove(first.pageId);
    const third = await insertOnPage(plugin, ["C"], first.pageId);
    expect((await vm.state(third.pageId)).children).toHaveLength(2);
  });

  test("skip a frame that was deleted meanwhile; with all of them gone there is no page", async () => {
    const plugin = await openPlugin({ layers: LAYERS, pages: ["Home"] });
    const { ask, vm } = plugin;
    const ids = await Promise.all(["A", "B"].map((key) => vm.id(key)));
    await vm.remove("B");
    await ask({ kind: "results-page", pageId: null });
    const copies = await ask<(string | null)[]>({ kind: "copy-layers", layerIds: ids });
    expect(copies).toEqual([expect.any(String), null]);
    await ask({ kind: "end-insertion" });
    // Nothing was painted above the one copy.
    expect(await vm.pages()).toEqual({ names: ["Home"], current: "Home" });
    await ask({ kind: "results-page", pageId: null });
    expect(await ask({ kind: "copy-layers", layerIds: [ids[1] ?? ""] })).toEqual([null]);
    await ask({ kind: "end-insertion" });
    expect((await vm.pages()).names).toEqual(["Home"]);
  });

  test("leave no copy without a result", async () => {
    const plugin = await openPlugin({ layers: LAYERS });
    const { ask, vm } = plugin;
    const pageId = await ask<string>({ kind: "results-page", pageId: null });
    const layerIds = await Promise.all(["A", "B"].map((key) => vm.id(key)));
    const [a = "", b = ""] = await ask<string[]>({ kind: "copy-layers", layerIds });
    const broken = { x: 0, y: 0, width: 8, height: 8, bytes: new Uint8Array([1, 2, 3]) };
    await refusalOf(ask({ kind: "insert", result: await resultFor(a, { tiles: [broken] }), last: false }));
    const result = await ask<string>({ kind: "insert", result: await resultFor(b), last: true });
    expect((await vm.state(pageId)).children).toEqual([b, result]);
  });

  test("are gone with their page when the plugin is closed before the last one", async () => {
    const plugin = await openPlugin({ layers: LAYERS });
    const { ask, vm } = plugin;
    const before = await vm.snapshot();
    await ask({ kind: "results-page", pageId: null });
    const layerIds = await Promise.all(["A", "B"].map((key) => vm.id(key)));
    const [a = ""] = await ask<string[]>({ kind: "copy-layers", layerIds });
    await ask({ kind: "insert", result: await resultFor(a), last: false });
    await vm.close();
    expect(await vm.snapshot()).toBe(before);
  });

  test("say so where the plan takes no further page, and change nothing", async () => {
    const { ask, vm } = await openPlugin({ layers: LAYERS, maxPages: 1 });
    const before = await vm.snapshot();
    expect(await refusalOf(ask({ kind: "results-page", pageId: null }))).toEqual({
      code: "conflict",
      message:
        "Figma made no new page: The Starter plan only comes with 3 pages. Upgrade to Professional for unlimited pages.",
      hint: "Insert the results above the originals instead.",
    });
    expect(await vm.snapshot()).toBe(before);
  });
});

describe("a copy on the results’ page", () => {
  test.each<[string, LayerDescription]>([
    [
      "a frame in a turned frame",
      { key: "x", type: "FRAME", set: { transform: TURNED }, children: [frame("A", 9, 5)] },
    ],
    [
      "a frame in auto layout",
      { key: "x", type: "FRAME", set: { layoutMode: "VERTICAL", padding: 7 }, children: [frame("A", 0)] },
    ],
    [
      "a photo in an instance",
      { key: "x", type: "INSTANCE", set: { transform: TURNED }, children: [frame("A", 3, 4)] },
    ],
    ["a turned frame", frame("A", 0, 0, { set: { transform: TURNED } })],
    [
      "a group in a moved frame",
      {
        key: "x",
        type: "FRAME",
        set: { transform: at(300, 200) },
        children: [{ key: "A", type: "GROUP", children: [frame("inner", 12, 6), frame("other", 100, 90)] }],
      },
    ],
    ["a section", { key: "A", type: "SECTION", set: { transform: at(30, 20) }, children: [frame("inner", 5, 5)] }],
  ])("stands exactly where the original does on its page: %s", async (_, layer) => {
    const { copies, results, originals, pageId } = await insertFrom({ layers: [layer] }, ["A"]);
    const [copy, result] = [copies[0] as Inspection, results[0] as Inspection];
    expect([copy.parent, copy.bounds]).toEqual([pageId, originals[0]?.bounds]);
    covers(copy, originals[0] as Inspection);
    covers(result, copy);
  });

  test("of a component is an instance, so that the library has no second one", async () => {
    const { copies } = await insertFrom({ layers: [frame("A", 9, 9, { type: "COMPONENT" })] }, ["A"]);
    expect(copies).toMatchObject([{ type: "INSTANCE", name: "A" }]);
  });

  test("of a mask masks nothing there", async () => {
    const mask: LayerDescription = { key: "A", type: "RECTANGLE", image: PHOTO, set: { isMask: true } };
    const { copies, originals } = await insertFrom({ layers: [mask, frame("B", 0)] }, ["A"]);
    expect([originals[0]?.isMask, copies[0]?.isMask]).toEqual([true, false]);
  });

  test("keeps the modes of its variables that it had from what it lies in", async () => {
    const modes = [
      { modeId: "1:0", name: "Light" },
      { modeId: "1:1", name: "Dark" },
    ];
    const inner = frame("A", 5);
    const layers = [frame("x", 0, 0, { set: { modes: { colors: "1:1" } }, children: [inner] }), frame("B", 300)];
    const collections = [{ id: "colors", name: "Colors", modes }];
    const { copies } = await insertFrom({ layers, collections }, ["A", "B"]);
    expect(copies.map((copy) => copy.modes)).toEqual([{ colors: "1:1" }, { colors: "1:0" }]);
  });

  test("of another page's frame stands beside all that is there, also in a later insertion", async () => {
    const layers = [frame("A", 0), frame("far", 500), { ...frame("B", 0), page: 1 }, { ...frame("C", 90), page: 1 }];
    const plugin = await openPlugin({ layers, pages: ["One", "Two"] });
    const first = await insertOnPage(plugin, ["B", "A"]);
    const second = await insertOnPage(plugin, ["far", "C"], first.pageId);
    const [b, a] = first.copies.map(({ bounds }) => bounds.x) as [number, number];
    const [far, c] = second.copies.map(({ bounds }) => bounds.x) as [number, number];
    expect([a, far]).toEqual([0, 500]);
    expect([b > 580, c - b]).toEqual([true, 90]);
  });

  test("has a result that is not older than it, as long as it was painted from what the frame is now", async () => {
    const plugin = await openPlugin({ layers: [frame("A", 0, 0, { children: [frame("inner", 4)] }), frame("B", 200)] });
    const { ask, vm } = plugin;
    for (const key of ["A", "B"]) await ask({ kind: "read-picture", layerId: await vm.id(key), maxSide: 64 });
    await vm.set("inner", { opacity: 0.5 });
    const { results } = await insertOnPage(plugin, ["A", "B"]);
    const stale = await ask<{ id: string }[]>({ kind: "stale-results" });
    expect(stale.map(({ id }) => id)).toEqual([results[0]?.id]);
  });
});

describe("a sheet on a new page", () => {
  async function sheetFor(contentId: string): Promise<InsertedSheet> {
    const bytes = await quarters({ width: 40, height: 20 });
    const cells = ["Waves", "Etching"].map((label) => ({ label, width: 40, height: 20, bytes, recipe: RECIPE }));
    return { contentId, name: "Waves, Etching", columns: 2, cells };
  }

  test("is all that stands there, and is undone with it", async () => {
    const { ask, vm } = await openPlugin({ layers: [frame("A", 0)], pages: ["Home"] });
    const before = await vm.snapshot();
    const pageId = await ask<string>({ kind: "results-page", pageId: null });
    const sheet = await sheetFor(await vm.id("A"));
    const [cell = ""] = await ask<string[]>({ kind: "insert-sheet", sheet, pageId });
    const page = await vm.state(pageId);
    expect(page.children).toEqual([(await vm.inspect(cell)).parent]);
    expect(await vm.pages()).toEqual({ names: ["Home", "Impasto results"], current: "Impasto results" });
    expect(await vm.selection()).toEqual(page.children);
    await vm.undo();
    expect(await vm.snapshot()).toBe(before);
  });

  test("comes also when its first frame was deleted", async () => {
    const { ask, vm } = await openPlugin({ layers: [frame("A", 0)] });
    const sheet = await sheetFor(await vm.id("A"));
    await vm.remove("A");
    expect(await ask({ kind: "insert-sheet", sheet, pageId: null })).toHaveLength(2);
  });
});
