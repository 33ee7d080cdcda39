// A picture that belongs above no layer: in the middle of what is seen.

import { expect, test } from "vitest";
import { openPlugin, quarters, refusalOf } from "./open-plugin.ts";

test("comes into the middle of the view, selected, and one undo takes it back", async () => {
  const { ask, vm } = await openPlugin({ layers: [] });
  const before = await vm.snapshot();
  const tile = { x: 0, y: 0, width: 40, height: 20, bytes: await quarters({ width: 40, height: 20 }) };
  const picture = { name: "Harbor / Waves", width: 40, height: 20, tiles: [tile] };
  const id = await ask<string>({ kind: "insert-picture", picture });
  const layer = await vm.inspect(id);
  expect(layer).toMatchObject({ type: "RECTANGLE", name: "Harbor / Waves", recipe: "" });
  expect(layer.fills).toMatchObject([{ type: "IMAGE", scaleMode: "FILL" }]);
  expect(layer.bounds).toMatchObject({ x: -20, y: -10, width: 40, height: 20 });
  expect(await vm.selection()).toEqual([id]);
  await vm.undo();
  expect(await vm.snapshot()).toBe(before);
});

test("of more than one tile is a group, its tiles side by side", async () => {
  const { ask, vm } = await openPlugin({ layers: [] });
  const bytes = await quarters({ width: 40, height: 20 });
  const tiles = [0, 40].map((x) => ({ x, y: 0, width: 40, height: 20, bytes }));
  const id = await ask<string>({ kind: "insert-picture", picture: { name: "Wide", width: 80, height: 20, tiles } });
  const group = await vm.inspect(id);
  expect(group).toMatchObject({ type: "GROUP", name: "Wide", bounds: { x: -40, y: -10, width: 80, height: 20 } });
  const parts = await Promise.all(group.children.map((child) => vm.inspect(child)));
  expect(parts.map(({ bounds }) => bounds.x)).toEqual([-40, 0]);
});

test("leaves nothing behind when Figma takes one of its tiles for none", async () => {
  const { ask, vm } = await openPlugin({ layers: [] });
  const before = await vm.snapshot();
  const whole = { x: 0, y: 0, width: 40, height: 20, bytes: await quarters({ width: 40, height: 20 }) };
  const tiles = [whole, { ...whole, x: 40, bytes: new Uint8Array([1, 2]) }];
  const picture = { name: "Broken", width: 80, height: 20, tiles };
  expect((await refusalOf(ask({ kind: "insert-picture", picture }))).code).toBe("conflict");
  expect(await vm.snapshot()).toBe(before);
});
