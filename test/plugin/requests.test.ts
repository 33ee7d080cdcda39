// Everything else that the panel asks: frames, storage, messages at the bottom, what is malformed, quick actions.

import { describe, expect, test } from "vitest";
import type { Layer } from "../../companion/protocol/host/layer-types.ts";
import type { LayerDescription } from "../hosts/figma/inside.ts";
import { openPlugin, plain, RECIPE, refusalOf, resultFor, settled } from "./open-plugin.ts";

const names = (layers: readonly Layer[]): string[] => layers.map(({ name }) => name);

describe("listing frames", () => {
  async function pages(): Promise<LayerDescription[]> {
    const image = await plain({ width: 8, height: 8 });
    return [
      { key: "A1", type: "FRAME", children: [{ key: "nested", type: "FRAME" }] },
      { key: "photo", type: "RECTANGLE", image },
      { key: "shape", type: "VECTOR" },
      {
        key: "section",
        type: "SECTION",
        children: [
          { key: "A2", type: "FRAME" },
          { key: "note", type: "TEXT" },
        ],
      },
      { key: "hidden", type: "FRAME", set: { visible: false } },
      { key: "B1", type: "COMPONENT", page: 1 },
      { key: "B2", type: "INSTANCE", page: 1 },
      { key: "C1", type: "FRAME", page: 2 },
    ];
  }

  test("on the page: frames, components, photos, and those in sections; nothing within frames", async () => {
    const { ask } = await openPlugin({ layers: await pages(), pages: ["A", "B", "C"] });
    const frames = await ask<Layer[]>({ kind: "list-frames", scope: "page" });
    expect(names(frames)).toEqual(["A1", "photo", "A2", "hidden"]);
    expect(frames.at(-1)?.problem).toBe("is hidden. Show it first");
  });

  test("on all pages, each loaded before it is looked at", async () => {
    const { ask } = await openPlugin({ layers: await pages(), pages: ["A", "B", "C"] });
    const frames = await ask<Layer[]>({ kind: "list-frames", scope: "all-pages" });
    expect(names(frames)).toEqual(["A1", "photo", "A2", "hidden", "B1", "B2", "C1"]);
  });

  test("in the selection: whatever is selected", async () => {
    const { ask } = await openPlugin({ layers: await pages(), pages: ["A", "B", "C"], selected: ["nested", "shape"] });
    expect(names(await ask<Layer[]>({ kind: "list-frames", scope: "selection" })).sort()).toEqual(["nested", "shape"]);
  });

  test("in a folder there are none", async () => {
    const { ask } = await openPlugin();
    const { message } = await refusalOf(ask({ kind: "list-frames", scope: "folder" }));
    expect(message).toBe("Figma has no folders of pictures.");
  });

  test("fails in words when a page does not load", async () => {
    const { vm, ask } = await openPlugin({ layers: await pages(), pages: ["A", "B", "C"] });
    await vm.breakPages("in loadAsync: The connection was lost");
    const { code, message } = await refusalOf(ask({ kind: "list-frames", scope: "all-pages" }));
    expect([code, message]).toEqual(["internal", "Figma refused: The connection was lost."]);
  });
});

describe("showing a layer", () => {
  test("selects it, in view, on its own page", async () => {
    const { vm, ask } = await openPlugin({ layers: [{ key: "far", type: "FRAME", page: 1 }], pages: ["A", "B"] });
    const far = await vm.id("far");
    await ask({ kind: "show", layerId: far });
    expect([await vm.selection(), await vm.viewed()]).toEqual([[far], [[far]]]);
  });

  test("says when it is gone", async () => {
    const { ask } = await openPlugin();
    expect((await refusalOf(ask({ kind: "show", layerId: "5:5" }))).message).toBe("This layer was deleted.");
  });
});

describe("storage", () => {
  test("gives back plain data and bytes, and forgets on undefined", async () => {
    const { ask } = await openPlugin();
    const value = { a: [1, "two", null, true], bytes: new Uint8Array([1, 2, 255]) };
    await ask({ kind: "save", key: "k", value });
    expect(await ask({ kind: "load", key: "k" })).toEqual(value);
    await ask({ kind: "save", key: "k", value: undefined });
    expect(await ask({ kind: "load", key: "k" })).toBeUndefined();
  });

  test("gives what an earlier opening left", async () => {
    const { ask } = await openPlugin({ storage: { token: "secret" } });
    expect(await ask({ kind: "load", key: "token" })).toBe("secret");
  });

  test("says so when it is full, and keeps what was there", async () => {
    const { vm, ask } = await openPlugin();
    await ask({ kind: "save", key: "small", value: new Uint8Array(1_000_000) });
    const full = await refusalOf(ask({ kind: "save", key: "large", value: new Uint8Array(4_500_000) }));
    expect(full).toEqual({ code: "disk-full", message: "Figma's storage for this plugin is full." });
    expect(Object.keys(await vm.storage())).toEqual(["small"]);
  });
});

describe("a message at the bottom", () => {
  test("has its button, and answers whether it was pressed", async () => {
    const { vm, ask } = await openPlugin();
    const pressed = ask({ kind: "notify", message: "Done in 12 s", error: false, button: "Undo" });
    await settled();
    expect(await vm.notes()).toEqual([{ message: "Done in 12 s", error: false, button: "Undo" }]);
    await vm.answerNote(true);
    expect(await pressed).toBe(true);
    const ignored = ask({ kind: "notify", message: "Done", error: false, button: "Undo" });
    await settled();
    await vm.answerNote(false);
    expect(await ignored).toBe(false);
  });

  test("is cut at Figma's 100 characters", async () => {
    const { vm, ask } = await openPlugin();
    void ask({ kind: "notify", message: "x".repeat(300), error: true, button: null });
    await settled();
    expect(await vm.notes()).toEqual([{ message: "x".repeat(100), error: true, button: null }]);
  });
});

describe("messages", () => {
  test.each([
    null,
    "start",
    42,
    [],
    {},
    { type: "request" },
    { type: "request", id: "1", request: { kind: "start" } },
    { type: "resize", height: "tall" },
    { type: "resize", height: Number.NaN },
    { type: "answer", id: 1, value: 1 },
  ])("malformed ones are ignored: %j", async (message) => {
    const { vm, ask, posted } = await openPlugin({ layers: [{ key: "layer", type: "FRAME" }] });
    const [before, count] = [await vm.snapshot(), posted.length];
    await vm.fromPanel(message);
    await settled();
    expect(posted).toHaveLength(count);
    expect(await vm.snapshot()).toBe(before);
    expect(await ask({ kind: "load", key: "x" })).toBeUndefined();
  });

  test.each([
    null,
    { kind: "format-disk" },
    { kind: "thumbnail", layerId: 5, side: 10 },
    { kind: "read-picture", layerId: "1:1" },
    { kind: "list-frames", scope: "universe" },
    { kind: "save", key: 3, value: 1 },
    { kind: "notify", message: {} },
    { kind: "insert", result: { contentId: "1:1" }, last: true },
    { kind: "insert", result: null, last: true },
  ])("a request that is none is answered all the same, for nobody waits for ever: %j", async (request) => {
    const { vm, posted } = await openPlugin();
    const before = await vm.snapshot();
    await vm.fromPanel({ type: "request", id: 8, request });
    await settled();
    expect(posted.at(-1)).toMatchObject({ type: "refusal", id: 8, error: { code: "internal" } });
    expect(await vm.snapshot()).toBe(before);
  });

  test("a result with a broken tile, no tile or a broken recipe is refused", async () => {
    const { vm, posted } = await openPlugin({ layers: [{ key: "layer", type: "FRAME" }] });
    const [before, count] = [await vm.snapshot(), posted.length];
    const refusal = { type: "refusal", id: 7, error: { code: "internal" } };
    const good = await resultFor(await vm.id("layer"));
    const [tile] = good.tiles;
    const broken = [
      { ...good, tiles: [] },
      { ...good, tiles: [{ ...tile, bytes: [1, 2, 3] }] },
      { ...good, tiles: [{ ...tile, width: "40" }] },
      { ...good, recipe: { ...RECIPE, version: 9 } },
      { ...good, width: 0 },
      { ...good, width: Number.MAX_VALUE * -1 },
    ];
    for (const result of broken) {
      await vm.fromPanel({ type: "request", id: 7, request: { kind: "insert", result, last: true } });
    }
    await settled();
    expect(posted.slice(count)).toMatchObject(broken.map(() => refusal));
    expect(await vm.snapshot()).toBe(before);
  });

  test("requests are answered by their number, in whatever order they come", async () => {
    const layers: LayerDescription[] = [{ key: "layer", type: "FRAME" }];
    const { vm, posted } = await openPlugin({ layers });
    const layerId = await vm.id("layer");
    await vm.fromPanel({ type: "request", id: 900, request: { kind: "read-picture", layerId, maxSide: 64 } });
    await vm.fromPanel({ type: "request", id: -3, request: { kind: "load", key: "x" } });
    await vm.fromPanel({ type: "request", id: 17, request: { kind: "read-picture", layerId: "none", maxSide: 64 } });
    await expect.poll(() => posted.filter((m) => m.type !== "selection").length).toBe(4);
    const kinds = new Map(posted.flatMap((m) => (m.type === "selection" ? [] : [[m.id, m.type] as const])));
    expect([kinds.get(900), kinds.get(-3), kinds.get(17)]).toEqual(["answer", "answer", "refusal"]);
  });

  test("a panel that starts twice gets the same answer twice", async () => {
    const { ask, started } = await openPlugin({ command: "batch" });
    expect(await ask({ kind: "start" })).toEqual(started);
  });

  test("the panel sets its height within bounds, and closes", async () => {
    const { vm } = await openPlugin();
    for (const height of [10, 480.6, 5000]) await vm.fromPanel({ type: "resize", height });
    expect(await vm.heights()).toEqual([120, 481, 900]);
    await vm.fromPanel({ type: "close" });
    expect(await vm.closed()).toEqual({ message: null });
  });
});

describe("the command", () => {
  test.each(["open", "repeat", "batch", "settings", "restyle"])(
    "%s opens the panel and reaches it, with nothing selected",
    async (command) => {
      const { started, vm, selection } = await openPlugin({ command });
      expect(started).toEqual({ command, parameters: {} });
      expect(await vm.shown()).toHaveLength(1);
      expect(selection().count).toBe(0);
    },
  );

  test("of another version opens the panel", async () => {
    const { started } = await openPlugin({ command: "explode" });
    expect(started).toEqual({ command: "open", parameters: {} });
  });

  test("restyle finds the recipe of the selected result", async () => {
    const set = { pluginData: { recipe: JSON.stringify(RECIPE) } };
    const { selection } = await openPlugin({
      command: "restyle",
      layers: [{ key: "r", type: "RECTANGLE", set }],
      selected: ["r"],
    });
    expect(selection().layers[0]?.recipe?.styleName).toBe("Waves");
  });
});

describe("quick-action parameters", () => {
  const style = (name: string, key: string) => ({ key, name, width: 8, height: 8, thumbnail: new Uint8Array([1]) });
  const storage = { "impasto.styles.v1": [style("Starry Night", "k1"), style("Waves", "k2"), { broken: true }] };

  test.each([
    ["", ["Starry Night", "Waves"]],
    ["  wAv", ["Waves"]],
  ])("suggest stored styles for %j, by name and with pictures", async (query, expected) => {
    const { vm } = await openPlugin({ storage });
    const answer = (await vm.typeParameter("style", query)) as {
      suggestions: { name: string; data: string; icon: Uint8Array }[];
    };
    expect(answer.suggestions.map(({ name }) => name)).toEqual(expected);
    for (const { icon, data } of answer.suggestions) expect([icon.length, data.length]).toEqual([1, 2]);
  });

  test("say so when no stored style is called that", async () => {
    const { vm } = await openPlugin({ storage });
    expect(await vm.typeParameter("style", "Dunes ")).toEqual({ error: "No stored style is called “Dunes”" });
  });

  test("say so when no style is stored, and open the panel as it is", async () => {
    const { vm } = await openPlugin();
    const said = [{ name: "No style is stored yet: open the panel to paint with one", data: "none" }];
    for (const query of ["", "wav"]) expect(await vm.typeParameter("style", query)).toEqual({ suggestions: said });
  });

  test.each([
    ["", ["25", "50", "75", "100"]],
    ["5", ["5", "50"]],
    ["63", ["63"]],
    ["100", ["100"]],
    ["40 %", ["40"]],
  ])("take %j as a strength", async (query, suggestions) => {
    const { vm } = await openPlugin();
    expect(await vm.typeParameter("strength", query)).toEqual({ suggestions });
  });

  test.each(["101", "-1", "strong", "1e2", "5.5"])("refuse %j as a strength", async (query) => {
    const { vm } = await openPlugin();
    expect(await vm.typeParameter("strength", query)).toEqual({ error: "Strength is a number from 0 to 100" });
  });

  test.each([
    [
      { style: "k2", strength: "80" },
      { style: "k2", strength: "80" },
    ],
    [{ style: "k2" }, { style: "k2" }],
    [{ strength: "35%" }, { strength: "35" }],
    [{ strength: "900", style: 7 }, {}],
    [{ style: "none", strength: "30" }, { strength: "30" }],
  ])("reach the panel when they are valid: %j", async (parameters, expected) => {
    const { started } = await openPlugin({ storage, parameters });
    expect(started).toEqual({ command: "open", parameters: expected });
  });

  test("are typed before there is a panel: a changed selection then disturbs nobody", async () => {
    const { vm, ask } = await openPlugin({ layers: [{ key: "a", type: "FRAME" }], beforeRun: ["a"] });
    expect(await vm.selection()).toEqual([await vm.id("a")]);
    expect(await ask({ kind: "load", key: "x" })).toBeUndefined();
  });
});
