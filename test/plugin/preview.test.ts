// The picture so far as a layer in Figma: one, at its place, and part of the undo step of what takes its place.

import { expect, test } from "vitest";
import type { InsertedPicture } from "../../companion/protocol/host/messages.ts";
import { openPlugin, pixelAt, plain, quarters, refusalOf, resultFor } from "./open-plugin.ts";

const PARTS = [
  {
    key: "content",
    type: "RECTANGLE" as const,
    image: await plain({ width: 8, height: 4 }),
    set: { width: 80, height: 40 },
  },
  { key: "style", type: "RECTANGLE" as const, image: await plain({ width: 8, height: 4, background: "#204060" }) },
];
const BOARD = { key: "board", type: "FRAME" as const, set: { width: 400, height: 300 }, children: PARTS };

async function picture(background?: string): Promise<InsertedPicture> {
  const size = { width: 40, height: 20 };
  const bytes = background === undefined ? await quarters(size) : await plain({ ...size, background });
  return { name: "Harbor / Waves", ...size, tiles: [{ x: 0, y: 0, ...size, bytes }] };
}

async function open() {
  const plugin = await openPlugin({ layers: [BOARD], selected: ["content", "style"] });
  const { ask, vm } = plugin;
  const content = await vm.inspect("content");
  const show = async (background?: string, contentId = content.id) =>
    ask({ kind: "show-preview", contentId, picture: await picture(background), keepText: false });
  const children = async () => (await vm.inspect("board")).children;
  return { ...plugin, content, show, children };
}

test("stands right above its content, locked, as large, not selected, and remembers nothing", async () => {
  const { vm, content, show, children } = await open();
  const selected = await vm.selection();
  await show();
  const [, id = "", above] = await children();
  expect(above).toBe((await vm.inspect("style")).id);
  expect(await vm.inspect(id)).toMatchObject({
    ...{ name: "Harbor / Waves", bounds: content.bounds, locked: true, recipe: "", relaunch: {} },
  });
  expect(await vm.selection()).toEqual(selected);
});

test("is updated in place, and taken away without a trace", async () => {
  const { ask, vm, show, children } = await open();
  const before = await vm.snapshot();
  await show();
  const [, first = ""] = await children();
  const { fills } = await vm.inspect(first);
  await show("#ff0000");
  const [, second] = await children();
  expect(second).toBe(first);
  expect((await vm.inspect(first)).fills).not.toEqual(fills);
  await ask({ kind: "clear-preview" });
  expect(await vm.snapshot()).toBe(before);
});

test("gives way to the result, and one undo takes back both", async () => {
  const { ask, vm, content, show, children } = await open();
  const before = await vm.snapshot();
  const count = (await children()).length;
  await show();
  await show("#ff0000");
  await ask({ kind: "insert", result: await resultFor(content.id), last: true });
  expect(await children()).toHaveLength(count + 1);
  await vm.undo();
  expect(await vm.snapshot()).toBe(before);
});

test("does not come again in this run when somebody deletes it, and does in the next", async () => {
  const { ask, vm, show, children } = await open();
  const count = (await children()).length;
  await show();
  const [, id = ""] = await children();
  await vm.remove(id);
  await show("#ff0000");
  expect(await children()).toHaveLength(count);
  await ask({ kind: "clear-preview" });
  await show();
  expect(await children()).toHaveLength(count + 1);
});

test("moves to another content with the next run, and is gone with the plugin", async () => {
  const { vm, show, children } = await open();
  const before = await vm.snapshot();
  await show();
  await show(undefined, (await vm.inspect("style")).id);
  const layers = await children();
  expect(layers).toHaveLength(3);
  expect((await vm.inspect(layers[2] as string)).name).toBe("Harbor / Waves");
  await vm.fromPanel({ type: "close" });
  expect(await vm.snapshot()).toBe(before);
});

test("is updated in place also where an instance's corners cut it off", async () => {
  const card = { width: 80, height: 40, radii: [9, 9, 9, 9] as [number, number, number, number] };
  const { ask, vm } = await openPlugin({ layers: [{ key: "card", type: "INSTANCE", set: card, children: PARTS }] });
  const before = await vm.snapshot();
  const contentId = await vm.id("content");
  const shown = async (background?: string) => {
    await ask({ kind: "show-preview", contentId, picture: await picture(background), keepText: false });
    return await vm.picture(JSON.parse(await vm.snapshot()).at(-1)[0]);
  };
  const [first, second] = [await shown(), await shown("#ff0000")];
  expect(await pixelAt(first, 0.75, 0.25)).toEqual([0, 255, 0, 255]);
  expect(await pixelAt(second, 0.75, 0.25)).toEqual([255, 0, 0, 255]);
  await ask({ kind: "clear-preview" });
  expect(await vm.snapshot()).toBe(before);
});

test("of a layer that is gone is refused in a sentence", async () => {
  const { show } = await open();
  expect((await refusalOf(show(undefined, "9:99"))).code).toBe("not-found");
});
