// What stands beside a layer in Figma: a sheet of variations as one frame, a texture as a rectangle with a repeating fill.

import { describe, expect, test } from "vitest";
import type { InsertedSheet, InsertedSurface } from "../../companion/protocol/host/messages.ts";
import type { LayerDescription } from "../hosts/figma/inside.ts";
import { openPlugin, plain, quarters, RECIPE, refusalOf } from "./open-plugin.ts";

const PHOTO = await plain({ width: 8, height: 4 });

function photo(key: string, x: number, y = 0): LayerDescription {
  return {
    key,
    type: "RECTANGLE",
    image: PHOTO,
    set: {
      width: 80,
      height: 40,
      transform: [
        [1, 0, x],
        [0, 1, y],
      ],
    },
  };
}

/** The frame that a sheet's pictures lie in. */
async function frameOf(vm: Awaited<ReturnType<typeof openPlugin>>["vm"], pictures: readonly string[]): Promise<string> {
  const parents = await Promise.all(pictures.map(async (id) => (await vm.inspect(id)).parent));
  expect(new Set(parents).size).toBe(1);
  return parents[0] as string;
}

async function sheetFor(contentId: string): Promise<InsertedSheet> {
  const bytes = await quarters({ width: 40, height: 20 });
  const cells = [25, 50, 75].map((strength) => ({
    label: `Strength ${strength}`,
    width: 40,
    height: 20,
    bytes,
    recipe: { ...RECIPE, contentId, settings: { strength } },
  }));
  return { contentId, name: "Harbor / variations", columns: 2, cells };
}

async function surfaceFor(besideId: string | null): Promise<InsertedSurface> {
  const tile = { bytes: await quarters({ width: 40, height: 20 }), width: 40, height: 20 };
  return { name: "Texture / Waves", width: 300, height: 200, tile, besideId };
}

describe("a texture", () => {
  test("is one selected rectangle of the asked size beside its style, filled by the repeating tile", async () => {
    const { ask, vm } = await openPlugin({ layers: [photo("style", 15, 25), photo("near", 150, 30)] });
    const before = await vm.snapshot();
    const style = await vm.inspect("style");
    const id = await ask<string>({ kind: "insert-surface", surface: await surfaceFor(style.id) });
    const layer = await vm.inspect(id);
    expect(layer).toMatchObject({ type: "RECTANGLE", name: "Texture / Waves", width: 300, height: 200 });
    expect(layer.fills).toMatchObject([{ type: "IMAGE", scaleMode: "TILE", scalingFactor: 1 }]);
    expect(layer.bounds.x).toBeGreaterThan(230);
    expect(await vm.selection()).toEqual([id]);
    await vm.undo();
    expect(await vm.snapshot()).toBe(before);
  });

  test("comes into the middle of the view when its style is no layer, or is gone", async () => {
    const { ask, vm } = await openPlugin({ layers: [] });
    for (const besideId of [null, "9:99"]) {
      const id = await ask<string>({ kind: "insert-surface", surface: await surfaceFor(besideId) });
      expect((await vm.inspect(id)).bounds).toMatchObject({ x: -150, y: -100 });
    }
  });
});

describe("a sheet of variations", () => {
  test("is one selected frame to the right of the content, each picture over its label, in rows", async () => {
    const { ask, vm } = await openPlugin({ layers: [photo("content", 15, 25)] });
    const content = await vm.inspect("content");
    const id = await frameOf(
      vm,
      await ask<string[]>({ kind: "insert-sheet", sheet: await sheetFor(content.id), pageId: null }),
    );
    const frame = await vm.inspect(id);
    expect(frame).toMatchObject({ type: "FRAME", name: "Harbor / variations", parent: content.parent });
    expect(frame.bounds.x).toBeGreaterThan(content.bounds.x + content.bounds.width);
    expect(frame.bounds.y).toBe(content.bounds.y);
    const parts = await Promise.all(frame.children.map((child) => vm.inspect(child)));
    const pictures = parts.filter(({ type }) => type === "RECTANGLE");
    const labels = parts.filter(({ type }) => type === "TEXT");
    expect(labels.map(({ characters }) => characters)).toEqual(["Strength 25", "Strength 50", "Strength 75"]);
    const [first, second, third] = pictures.map(({ bounds }) => bounds);
    expect([second?.y, third?.x]).toEqual([first?.y, first?.x]);
    expect(third?.y).toBeGreaterThan((first?.y ?? 0) + 20);
    for (const [index, { bounds, fills, recipe, relaunch }] of pictures.entries()) {
      expect([bounds.width, bounds.height]).toEqual([40, 20]);
      expect(fills).toMatchObject([{ type: "IMAGE" }]);
      expect(JSON.parse(recipe)).toMatchObject({ settings: { strength: [25, 50, 75][index] } });
      expect(Object.keys(relaunch)).toEqual(["restyle"]);
      const { bounds: under } = labels[index] as (typeof labels)[number];
      expect([under.x, under.y > bounds.y + bounds.height]).toEqual([bounds.x, true]);
    }
    expect(await vm.selection()).toEqual([id]);
  });

  test("covers nothing that lies on the page, and one undo takes it back", async () => {
    const { ask, vm } = await openPlugin({ layers: [photo("content", 0), photo("near", 150), photo("far", 400, 30)] });
    const before = await vm.snapshot();
    const content = await vm.inspect("content");
    const id = await frameOf(
      vm,
      await ask<string[]>({ kind: "insert-sheet", sheet: await sheetFor(content.id), pageId: null }),
    );
    const { bounds } = await vm.inspect(id);
    for (const key of ["content", "near", "far"]) {
      const other = (await vm.inspect(key)).bounds;
      const apart = other.x + other.width <= bounds.x || other.x >= bounds.x + bounds.width;
      const aside = other.y + other.height <= bounds.y || other.y >= bounds.y + bounds.height;
      expect([key, apart || aside]).toEqual([key, true]);
    }
    await vm.undo();
    expect(await vm.snapshot()).toBe(before);
  });

  test("leaves the places free that no picture is for", async () => {
    const { ask, vm } = await openPlugin({ layers: [photo("content", 0)] });
    const sheet = await sheetFor((await vm.inspect("content")).id);
    // Two columns: the third row's second place, then the first row's first.
    const cells = sheet.cells.slice(0, 2).map((cell, index) => ({ ...cell, at: [5, 0][index] as number }));
    const ids = await ask<string[]>({ kind: "insert-sheet", sheet: { ...sheet, cells }, pageId: null });
    const [last, first] = await Promise.all(ids.map(async (id) => (await vm.inspect(id)).bounds));
    const full = await ask<string[]>({ kind: "insert-sheet", sheet, pageId: null });
    const [one, two, three] = await Promise.all(full.map(async (id) => (await vm.inspect(id)).bounds));
    const step = { x: (two?.x ?? 0) - (one?.x ?? 0), y: (three?.y ?? 0) - (one?.y ?? 0) };
    expect([(last?.x ?? 0) - (first?.x ?? 0), (last?.y ?? 0) - (first?.y ?? 0)]).toEqual([step.x, 2 * step.y]);
  });

  test("leaves nothing behind when Figma takes one of its pictures for none", async () => {
    const { ask, vm } = await openPlugin({ layers: [photo("content", 0)] });
    const sheet = await sheetFor((await vm.inspect("content")).id);
    const before = await vm.snapshot();
    const broken = sheet.cells.map((cell, index) => (index === 2 ? { ...cell, bytes: new Uint8Array([1, 2]) } : cell));
    const { code } = await refusalOf(ask({ kind: "insert-sheet", sheet: { ...sheet, cells: broken }, pageId: null }));
    expect(code).toBe("conflict");
    expect(await vm.snapshot()).toBe(before);
  });
});
