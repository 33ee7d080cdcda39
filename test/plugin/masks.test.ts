// A layer as a mask of another one: where it lies over it, and the content without its masks.

import { expect, test } from "vitest";
import type { PictureAnswer } from "../../companion/protocol/host/messages.ts";
import type { LayerDescription } from "../hosts/figma/inside.ts";
import type { NodeState } from "../hosts/figma/state.ts";
import { openPlugin, pixelAt, refusalOf } from "./open-plugin.ts";

const RED: Paint[] = [{ type: "SOLID", color: { r: 1, g: 0, b: 0 } }];

function rectangle(key: string, transform: NodeState["transform"], set: Partial<NodeState> = {}): LayerDescription {
  return { key, type: "RECTANGLE", set: { width: 40, height: 20, transform, fills: RED, ...set } };
}

async function place(content: NodeState["transform"], mask: NodeState["transform"], over = "content") {
  const layers = [rectangle("content", content, { width: 100, height: 80 }), rectangle("mask", mask)];
  const { vm, ask } = await openPlugin({ layers });
  const [layerId, overId] = [await vm.id("mask"), await vm.id(over)];
  return (await ask<PictureAnswer>({ kind: "read-picture", layerId, maxSide: 400, over: overId })).place;
}

test("is told with its place in the other layer's own box", async () => {
  const there = await place(
    [
      [1, 0, 30],
      [0, 1, 10],
    ],
    [
      [1, 0, 50],
      [0, 1, 40],
    ],
  );
  expect(there).toEqual({
    width: 100,
    height: 80,
    transform: [
      [1, 0, 20],
      [0, 1, 30],
    ],
  });
});

test("is turned back with a layer that is turned", async () => {
  const quarter: NodeState["transform"] = [
    [0, -1, 100],
    [1, 0, 0],
  ];
  const there = await place(quarter, [
    [1, 0, 50],
    [0, 1, 40],
  ]);
  // A quarter turn: what lies 40 down the page lies 40 along the layer, what lies 50 from its right edge 50 down it.
  const expected = [
    [0, 1, 40],
    [-1, 0, 50],
  ];
  for (const [i, row] of expected.entries())
    for (const [j, value] of row.entries()) expect(there?.transform[i as 0 | 1][j]).toBeCloseTo(value, 6);
});

test("that does not touch the other layer has no place in it", async () => {
  const aside: NodeState["transform"] = [
    [1, 0, 300],
    [0, 1, 0],
  ];
  expect(
    await place(
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      aside,
    ),
  ).toBeNull();
});

test("over a layer that was deleted is refused in words", async () => {
  const { vm, ask } = await openPlugin({ layers: [{ key: "mask", type: "ELLIPSE" }] });
  const layerId = await vm.id("mask");
  const { code } = await refusalOf(ask({ kind: "read-picture", layerId, maxSide: 40, over: "9:99" }));
  expect(code).toBe("not-found");
});

test("that lies in the content is left out of its picture; one that lies elsewhere changes nothing", async () => {
  const inside = rectangle("mask", [
    [1, 0, 30],
    [0, 1, 30],
  ]);
  const frame: LayerDescription = { key: "frame", type: "FRAME", children: [inside] };
  const { vm, ask } = await openPlugin({ layers: [frame, { key: "elsewhere", type: "ELLIPSE" }] });
  const layerId = await vm.id("frame");
  const without = [await vm.id("mask"), await vm.id("elsewhere"), "9:99"];
  const before = await vm.snapshot();
  const read = (ids: string[]) =>
    ask<PictureAnswer>({ kind: "read-picture", layerId, maxSide: 100, without: ids }).then(({ bytes }) => bytes);
  expect(await pixelAt(await read([]), 0.4, 0.4)).toEqual([255, 0, 0, 255]);
  expect((await pixelAt(await read(without), 0.4, 0.4))[1]).toBeGreaterThan(200);
  expect(JSON.parse(await vm.snapshot())).toHaveLength(JSON.parse(before).length);
});
