// Every kind of layer, there and back: its own picture, read and inserted as its result, must look as the layer did, to the
// pixel's place; the layer itself is made invisible for the comparison.

import sharp from "sharp";
import { describe, expect, test } from "vitest";
import type { PictureAnswer } from "../../companion/protocol/host/messages.ts";
import type { LayerDescription } from "../hosts/figma/inside.ts";
import type { NodeState } from "../hosts/figma/state.ts";
import { openPlugin, quarters, RECIPE } from "./open-plugin.ts";

const PHOTO = await quarters({ width: 80, height: 60 });

function at(x: number, y: number): NodeState["transform"] {
  return [
    [1, 0, x],
    [0, 1, y],
  ];
}

function turned(radians: number, x: number, y: number): NodeState["transform"] {
  return [
    [Math.cos(radians), -Math.sin(radians), x],
    [Math.sin(radians), Math.cos(radians), y],
  ];
}

const FLIPPED: NodeState["transform"] = [
  [-1, 0, 130],
  [0, 1, 40],
];
/** Unit axes, as Figma's are. */
const SKEWED: NodeState["transform"] = [
  [1, Math.sin(0.4), 40],
  [0, Math.cos(0.4), 40],
];

function photo(set: Partial<NodeState> = {}): LayerDescription {
  return {
    key: "content",
    type: "RECTANGLE",
    image: PHOTO,
    set: { width: 80, height: 60, transform: at(40, 40), ...set },
  };
}

function within(type: LayerDescription["type"], set: Partial<NodeState>, ...children: LayerDescription[]) {
  return { key: `within ${type}`, type, set: { width: 140, height: 120, ...set }, children } satisfies LayerDescription;
}

/** A layer made of others, a photo in its upper left. */
function made(type: LayerDescription["type"], set: Partial<NodeState> = {}): LayerDescription {
  const inner = { ...photo({ transform: at(0, 0) }), key: "inner" };
  return { key: "content", type, set: { width: 100, height: 80, transform: at(30, 30), ...set }, children: [inner] };
}

const solid = (r: number, g: number, b: number): Paint[] => [{ type: "SOLID", color: { r, g, b } }];
const small = (key: string, set: Partial<NodeState> = {}): LayerDescription => ({
  key,
  type: "RECTANGLE",
  set: { width: 30, height: 30, fills: solid(0.4, 0.2, 0.7), ...set },
});

const KINDS: [string, LayerDescription][] = [
  ["a photo", photo()],
  ["a turned photo", photo({ transform: turned(0.5, 70, 30) })],
  ["a flipped photo", photo({ transform: FLIPPED })],
  ["a flipped and turned photo", within("FRAME", { transform: turned(0.3, 60, 10) }, photo({ transform: FLIPPED }))],
  ["a skewed photo", photo({ transform: SKEWED })],
  ["a photo half transparent", photo({ opacity: 0.5 })],
  ["a photo with round corners", photo({ radii: [20, 0, 10, 5] })],
  ["a locked photo", photo({ locked: true })],
  ["an ellipse", { ...photo({ fills: solid(0.2, 0.6, 0.3) }), type: "ELLIPSE" }],
  [
    "a shape with stroke and shadow",
    photo({ strokes: solid(0, 0, 0), effects: [{ type: "LAYER_BLUR", radius: 9, visible: true, blurType: "NORMAL" }] }),
  ],
  [
    "a text",
    {
      key: "content",
      type: "TEXT",
      set: {
        characters: "MMM",
        fontSize: 40,
        fills: solid(0, 0, 0),
        width: 90,
        height: 40,
        transform: turned(0.2, 60, 40),
      },
    },
  ],
  ["a frame", made("FRAME")],
  ["a turned frame", made("FRAME", { transform: turned(-0.4, 30, 70) })],
  ["a section", made("SECTION")],
  ["a component", made("COMPONENT")],
  ["an instance", made("INSTANCE", { transform: turned(0.2, 50, 20) })],
  ["a boolean operation", { ...photo({ fills: solid(0.9, 0.1, 0.1) }), type: "BOOLEAN_OPERATION" }],
  [
    "a group",
    {
      key: "content",
      type: "GROUP",
      children: [small("a", { transform: at(50, 40) }), small("b", { transform: at(90, 70) })],
    },
  ],
  [
    "a turned group in a turned frame",
    within(
      "FRAME",
      { transform: turned(0.3, 80, 20) },
      {
        key: "content",
        type: "GROUP",
        set: { transform: turned(-0.5, 0, 0) },
        children: [small("a", { transform: turned(-0.5, 20, 60) }), small("b", { transform: turned(-0.5, 60, 60) })],
      },
    ),
  ],
  ["a photo in a group in a frame", within("FRAME", { transform: at(30, 20) }, within("GROUP", {}, photo()))],
  ["a photo cut off by its frame", within("FRAME", { width: 100, height: 90, transform: at(20, 20) }, photo())],
  [
    "a photo under a mask",
    within("FRAME", {}, small("mask", { isMask: true, width: 90, height: 90, transform: at(30, 30) }), photo()),
  ],
  [
    "a photo in a row",
    within("FRAME", { layoutMode: "HORIZONTAL", padding: 10, itemSpacing: 5 }, small("a"), photo(), small("b")),
  ],
  [
    "a turned photo in a column",
    within("FRAME", { layoutMode: "VERTICAL", padding: 40 }, photo({ transform: turned(0.4, 0, 0) })),
  ],
  ["a photo in a section", within("SECTION", { transform: at(20, 10) }, photo())],
  [
    "a photo in a nested instance",
    within("INSTANCE", { transform: turned(0.2, 40, 10) }, within("INSTANCE", {}, photo({ transform: FLIPPED }))),
  ],
  [
    "a photo that an instance's round corners cut off",
    within(
      "INSTANCE",
      { radii: [40, 40, 40, 40], transform: at(30, 20), width: 100, height: 90 },
      photo({ transform: at(20, -10) }),
    ),
  ],
  [
    "a photo that a nested, turned instance cuts off",
    within(
      "INSTANCE",
      { transform: at(20, 10) },
      within("INSTANCE", { transform: turned(0.3, 40, 10), width: 70, height: 70 }, photo({ transform: at(20, 5) })),
    ),
  ],
  [
    "a photo under a mask in an instance",
    within(
      "INSTANCE",
      { transform: at(20, 10) },
      within(
        "GROUP",
        {},
        small("mask", { isMask: true, width: 60, height: 60, transform: turned(0.3, 60, 20) }),
        photo(),
      ),
    ),
  ],
  ["a photo in a component", within("COMPONENT", { transform: turned(0.2, 40, 10) }, photo())],
  [
    "a photo in a component's slot",
    within("COMPONENT", {}, within("SLOT", { transform: turned(0.2, 40, 10) }, within("GROUP", {}, photo()))),
  ],
  [
    "a boolean operation's part in a slot",
    within("SLOT", { transform: turned(0.2, 40, 10) }, within("BOOLEAN_OPERATION", { fills: [] }, photo())),
  ],
  ["a photo in an instance's slot", within("INSTANCE", { transform: at(20, 20) }, within("SLOT", {}, photo()))],
  ["a variant in its set", within("COMPONENT_SET", { transform: at(20, 20) }, made("COMPONENT"))],
];

async function stage(layer: LayerDescription) {
  const background: Partial<NodeState> = { width: 240, height: 200, fills: solid(0.9, 0.9, 0.85) };
  return await openPlugin({ layers: [{ key: "stage", type: "FRAME", set: background, children: [layer] }] });
}

/** Its own picture becomes its result. */
async function thereAndBack({ ask, vm }: Awaited<ReturnType<typeof openPlugin>>): Promise<string> {
  const contentId = await vm.id("content");
  const { bytes } = await ask<PictureAnswer>({ kind: "read-picture", layerId: contentId, maxSide: 1024 });
  const { width, height } = await sharp(bytes).metadata();
  const tiles = [{ x: 0, y: 0, width, height, bytes }];
  const result = { contentId, name: "Result", width, height, tiles, recipe: { ...RECIPE, contentId } };
  return await ask<string>({ kind: "insert", result, last: true });
}

/** Share of pixels that differ clearly: edges of turned pictures are drawn twice, what lies elsewhere differs everywhere. */
async function changed(a: Uint8Array, b: Uint8Array): Promise<number> {
  const [one, other] = await Promise.all([a, b].map((bytes) => sharp(bytes).removeAlpha().raw().toBuffer()));
  if (one === undefined || other === undefined) throw new Error("two pictures were given");
  let count = 0;
  for (let i = 0; i < one.length; i += 3) {
    const apart = [0, 1, 2].map((c) => Math.abs((one[i + c] ?? 0) - (other[i + c] ?? 0)));
    if (Math.max(...apart) > 40) count += 1;
  }
  return count / (one.length / 3);
}

/** Of 240 × 200 px: the edges of a turned picture are some 300 pixels, of which a fifth differ by so much. */
const EDGES = 0.006;

describe("a result stands exactly where its content's pixels were", () => {
  test.each(KINDS)("%s", async (_, layer) => {
    const plugin = await stage(layer);
    const { vm } = plugin;
    const before = await vm.picture("stage");
    await thereAndBack(plugin);
    const { opacity } = await vm.state("content");
    await vm.set("content", { opacity: 0 });
    expect(await changed(before, await vm.picture("stage"))).toBeLessThan(EDGES);
    // And without either there is something to see.
    await vm.undo();
    await vm.undo();
    await vm.set("content", { opacity: 0 });
    expect([opacity > 0, (await changed(before, await vm.picture("stage"))) > 4 * EDGES]).toEqual([true, true]);
  });

  /** As designers who have pale buttons overlap do it: the first of a row lies on top. */
  test("also above its content where the first layer lies on top", async () => {
    const row: Partial<NodeState> = {
      layoutMode: "HORIZONTAL",
      itemSpacing: -40,
      itemReverseZIndex: true,
      padding: 10,
    };
    const plugin = await stage(within("FRAME", row, photo(), { ...photo({ opacity: 0.9 }), key: "next" }));
    const { vm } = plugin;
    const before = await vm.picture("stage");
    const result = await thereAndBack(plugin);
    // Above its content: with the content in place the result is what shows.
    const { fills } = await vm.inspect(result);
    await vm.set(result, { fills: solid(0, 0, 0) });
    expect(await changed(before, await vm.picture("stage"))).toBeGreaterThan(0.05);
    await vm.set(result, { fills });
    await vm.set("content", { opacity: 0 });
    expect(await changed(before, await vm.picture("stage"))).toBeLessThan(EDGES);
  });

  test("of a frame that clips nothing covers the frame alone, whatever stands out of it", async () => {
    const frame = made("FRAME", { clipsContent: false, width: 60, height: 50 });
    const { ask, vm } = await stage(frame);
    const { bytes } = await ask<PictureAnswer>({
      kind: "read-picture",
      layerId: await vm.id("content"),
      maxSide: 1024,
    });
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 60, height: 50 });
  });
});
