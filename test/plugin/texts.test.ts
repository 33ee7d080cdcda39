// Text that stays text: left out of the picture that is painted, copied above the result; and what can only be protected.

import { mkdirSync, writeFileSync } from "node:fs";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import type { PictureAnswer } from "../../companion/protocol/host/messages.ts";
import type { LayerDescription } from "../hosts/figma/inside.ts";
import { posterWithText } from "../hosts/figma/samples.ts";
import type { NodeState } from "../hosts/figma/state.ts";
import { openPlugin, pixelAt, quarters, RECIPE } from "./open-plugin.ts";

const ARTIFACTS = new URL("../artifacts/figma/", import.meta.url);

function at(x: number, y: number): NodeState["transform"] {
  return [
    [1, 0, x],
    [0, 1, y],
  ];
}

const BLACK: Paint[] = [{ type: "SOLID", color: { r: 0, g: 0, b: 0 } }];

function text(key: string, x: number, y: number, set: Partial<NodeState> = {}): LayerDescription {
  const size = { width: 60, height: 16, fontSize: 16, characters: key, transform: at(x, y), fills: BLACK };
  return { key, type: "TEXT", set: { ...size, ...set } };
}

function box(key: string, x: number, y: number, set: Partial<NodeState> = {}): LayerDescription {
  return { key, type: "RECTANGLE", set: { width: 60, height: 16, transform: at(x, y), ...set } };
}

function frame(children: LayerDescription[], set: Partial<NodeState> = {}): LayerDescription {
  return { key: "frame", type: "FRAME", set: { width: 200, height: 100, ...set }, children };
}

/** Names of the texts that are protected when the frame is read, and the picture without those that are not. */
async function readFrame(layer: LayerDescription) {
  const plugin = await openPlugin({ layers: [layer], selected: [layer.key] });
  const layerId = await plugin.vm.id(layer.key);
  const picture = await plugin.ask<PictureAnswer>({ kind: "read-picture", layerId, maxSide: 400, keepText: true });
  const protectedNames = [];
  for (const id of picture.protectIds) protectedNames.push((await plugin.vm.inspect(id)).name);
  return { ...plugin, layerId, picture, protectedNames };
}

describe("text in a frame", () => {
  test("is told with the selection; a frame without any, or with hidden or empty text, has none", async () => {
    const hidden = frame([text("a", 0, 0, { visible: false }), text("b", 0, 0, { characters: " " })]);
    const layers = [
      { ...frame([text("Hi", 0, 0)]), key: "with" },
      { ...hidden, key: "without" },
    ];
    const { selection } = await openPlugin({ layers, selected: ["with", "without"] });
    expect(selection().layers.map(({ hasText }) => hasText)).toEqual([true, false]);
  });

  test("is left out of the picture where it can stay text, and the document is as before", async () => {
    const { picture, protectedNames, vm } = await readFrame(frame([box("photo", 0, 0), text("Title", 20, 40)]));
    const bare = await readFrame(frame([box("photo", 0, 0)]));
    expect(Buffer.from(picture.bytes).equals(bare.picture.bytes)).toBe(true);
    expect(protectedNames).toEqual([]);
    expect((await vm.inspect("frame")).children).toHaveLength(2);
    expect(await vm.drawPage()).toContain("Title");
  });

  test("is in the picture when nobody asks for it to be kept", async () => {
    const { ask, layerId, picture } = await readFrame(frame([text("Title", 20, 40)]));
    const whole = await ask<PictureAnswer>({ kind: "read-picture", layerId, maxSide: 400 });
    expect(Buffer.from(whole.bytes).equals(picture.bytes)).toBe(false);
    expect(whole.protectIds).toEqual([]);
  });

  const COVERED: [string, LayerDescription][] = [
    ["that a shape covers", frame([text("T", 20, 40), box("cover", 50, 40)])],
    ["under a text that is covered itself", frame([text("T", 20, 40), text("U", 70, 40), box("cover", 120, 40)])],
    ["that reaches out of a frame that cuts it off", frame([text("T", 180, 40)])],
    [
      "in a group that is half transparent",
      frame([{ key: "g", type: "GROUP", set: { opacity: 0.5 }, children: [text("T", 20, 40)] }]),
    ],
    ["above a mask", frame([box("mask", 0, 0, { isMask: true }), text("T", 20, 40)])],
    ["that blends with what is below", frame([text("T", 20, 40, { blendMode: "MULTIPLY" })])],
    ["in a frame that is half transparent itself", frame([text("T", 20, 40)], { opacity: 0.5 })],
  ];
  test.each(COVERED)("%s is protected instead", async (_, layer) => {
    const { protectedNames, picture, ask, layerId } = await readFrame(layer);
    expect(protectedNames).toContain("T");
    const whole = await ask<PictureAnswer>({ kind: "read-picture", layerId, maxSide: 400 });
    expect(Buffer.from(whole.bytes).equals(picture.bytes)).toBe(true);
  });

  test("stays text in a button, in a group, and beside what is above it in the order", async () => {
    const button: LayerDescription = {
      key: "button",
      type: "FRAME",
      set: { width: 80, height: 24, transform: at(100, 60), radii: [12, 12, 12, 12] },
      children: [text("Buy", 8, 4)],
    };
    const group: LayerDescription = { key: "group", type: "GROUP", children: [text("Sub", 20, 60)] };
    const layer = frame([text("Title", 20, 20), group, button, box("logo", 140, 10, { width: 20 })]);
    expect((await readFrame(layer)).protectedNames).toEqual([]);
  });
});

describe("inserting over a frame with text", () => {
  test("puts copies of its text above the result, at their places, all in one group and one undo step", async () => {
    const layer = frame([text("Title", 20, 20), box("logo", 120, 10), text("Covered", 120, 10)].reverse(), {
      transform: at(30, 40),
    });
    const { vm, ask, layerId } = await readFrame(layer);
    const before = await vm.snapshot();
    const tile = { x: 0, y: 0, width: 200, height: 100, bytes: await quarters({ width: 200, height: 100 }) };
    const recipe = { ...RECIPE, contentId: layerId, keepText: true };
    const result = { contentId: layerId, name: "Frame / Waves", width: 200, height: 100, tiles: [tile], recipe };
    const group = await vm.inspect(await ask<string>({ kind: "insert", result, last: true }));
    expect([group.type, group.name]).toEqual(["GROUP", "Frame / Waves"]);
    const [picture, title, ...others] = await Promise.all(group.children.map((id) => vm.inspect(id)));
    expect([picture?.type, title?.type, others.length]).toEqual(["RECTANGLE", "TEXT", 0]);
    expect(title?.absoluteTransform).toEqual((await vm.inspect("Title")).absoluteTransform);
    expect(JSON.parse(group.recipe)).toMatchObject({ keepText: true });
    expect(group.index).toBe((await vm.inspect("frame")).index + 1);

    const again = { kind: "read-picture" as const, layerId: group.id, maxSide: 200, keepText: true };
    const restyled = await ask<PictureAnswer>(again);
    expect(await pixelAt(restyled.bytes, 0.2, 0.3)).toEqual([255, 0, 0, 255]);
    await vm.undo();
    expect(await vm.snapshot()).toBe(before);
  });

  test("paints over it when it need not be kept", async () => {
    const { vm, ask, layerId } = await readFrame(frame([text("Title", 20, 20)]));
    const tile = { x: 0, y: 0, width: 20, height: 10, bytes: await quarters({ width: 20, height: 10 }) };
    const recipe = { ...RECIPE, contentId: layerId };
    const result = { contentId: layerId, name: "x", width: 20, height: 10, tiles: [tile], recipe };
    const made = await vm.inspect(await ask<string>({ kind: "insert", result, last: true }));
    expect(made.type).toBe("RECTANGLE");
  });

  test("a poster of photo, heading, logo and button keeps heading and label (a picture in artifacts/figma)", async () => {
    const poster = await posterWithText();
    const { vm, ask, layerId, picture, protectedNames } = await readFrame(poster);
    expect(protectedNames).toEqual([]);
    // As if it were painted.
    const painted = await sharp(picture.bytes).median(9).modulate({ hue: 40, saturation: 1.6 }).png().toBuffer();
    const { width, height } = picture;
    const tile = { x: 0, y: 0, width, height, bytes: new Uint8Array(painted) };
    const recipe = { ...RECIPE, contentId: layerId, keepText: true };
    const result = { contentId: layerId, name: "Poster / Waves", width, height, tiles: [tile], recipe };
    const id = await ask<string>({ kind: "insert", result, last: true });
    const names = [];
    for (const child of (await vm.inspect(id)).children.slice(1)) names.push((await vm.inspect(child)).name);
    expect(names).toEqual(["Heading", "Label"]);
    mkdirSync(ARTIFACTS, { recursive: true });
    writeFileSync(new URL("poster.png", ARTIFACTS), await vm.picture(layerId, 2));
    writeFileSync(new URL("poster-kept-text.png", ARTIFACTS), await vm.picture(id, 2));
  });
});
