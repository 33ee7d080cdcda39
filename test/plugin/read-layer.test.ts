// A layer's pixels: capped, upright, sRGB; the original bytes of a photo where these are sharper.

import sharp from "sharp";
import { describe, expect, test } from "vitest";
import type { PictureAnswer } from "../../companion/protocol/host/messages.ts";
import type { LayerDescription } from "../hosts/figma/inside.ts";
import type { NodeState } from "../hosts/figma/state.ts";
import { openPlugin, pixelAt, quarters, refusalOf } from "./open-plugin.ts";

const RED = [255, 0, 0, 255];
const GREEN = [0, 255, 0, 255];
const BLUE = [0, 0, 255, 255];
const WHITE = [255, 255, 255, 255];

/** Turned by 30° and moved. */
const TURNED: NodeState["transform"] = [
  [Math.cos(0.5), -Math.sin(0.5), 40],
  [Math.sin(0.5), Math.cos(0.5), 70],
];

async function read(layer: Omit<LayerDescription, "key">, maxSide = 1024) {
  const plugin = await openPlugin({ layers: [{ key: "layer", ...layer }] });
  const layerId = await plugin.vm.id("layer");
  const picture = await plugin.ask<PictureAnswer>({ kind: "read-picture", layerId, maxSide });
  const { width = 0, height = 0, format } = await sharp(picture.bytes).metadata();
  return { ...plugin, picture, width, height, format };
}

describe("reading a layer", () => {
  test("gives its own size and the colors it shows", async () => {
    const image = await quarters({ width: 60, height: 40 });
    const { picture, width, height } = await read({ type: "RECTANGLE", image, set: { width: 60, height: 40 } });
    expect([width, height, picture.width, picture.height, picture.name]).toEqual([60, 40, 60, 40, "layer"]);
    expect(await pixelAt(picture.bytes, 0.25, 0.25)).toEqual(RED);
    expect(await pixelAt(picture.bytes, 0.75, 0.25)).toEqual(GREEN);
    expect(await pixelAt(picture.bytes, 0.25, 0.75)).toEqual(BLUE);
  });

  test.each([
    [{ width: 400, height: 100 }, [64, 16]],
    [{ width: 100, height: 400 }, [16, 64]],
  ])("caps the long side of %o", async (set, expected) => {
    const { picture, width, height } = await read({ type: "FRAME", set }, 64);
    expect([width, height]).toEqual(expected);
    expect([picture.width, picture.height]).toEqual([set.width, set.height]);
  });

  test("draws frames with what is in them", async () => {
    const child = {
      key: "child",
      type: "RECTANGLE" as const,
      set: { fills: [{ type: "SOLID" as const, color: { r: 1, g: 0, b: 0 } }] },
    };
    const { picture } = await read({ type: "FRAME", set: { width: 200, height: 200 }, children: [child] });
    expect(await pixelAt(picture.bytes, 0.25, 0.25)).toEqual(RED);
    expect((await pixelAt(picture.bytes, 0.75, 0.75))[0]).toBeLessThan(230);
  });

  test.each(["GROUP", "TEXT", "VECTOR", "COMPONENT", "INSTANCE", "ELLIPSE", "SECTION", "BOOLEAN_OPERATION"] as const)(
    "reads a layer of type %s",
    async (type) => {
      const children = type === "GROUP" || type === "INSTANCE" ? [{ key: "child", type: "RECTANGLE" as const }] : [];
      const { width, height } = await read({ type, set: { characters: "Hello" }, children });
      expect([width, height]).toEqual([100, 100]);
    },
  );

  test("turns a rotated layer upright, and leaves no trace and no undo step", async () => {
    const image = await quarters({ width: 80, height: 60 });
    const layer = {
      key: "layer",
      type: "RECTANGLE" as const,
      image,
      set: { width: 80, height: 60, transform: TURNED },
    };
    const { vm, ask } = await openPlugin({ layers: [layer], selected: ["layer"] });
    const before = [await vm.snapshot(), await vm.undoSteps(), await vm.selection()];
    const layerId = await vm.id("layer");
    const { bytes } = await ask<PictureAnswer>({ kind: "read-picture", layerId, maxSide: 1024 });
    const { width, height } = await sharp(bytes).metadata();
    expect([width, height]).toEqual([80, 60]);
    expect(await pixelAt(bytes, 0.03, 0.04)).toEqual(RED);
    expect(await pixelAt(bytes, 0.97, 0.04)).toEqual(GREEN);
    expect(await pixelAt(bytes, 0.03, 0.96)).toEqual(BLUE);
    expect(await pixelAt(bytes, 0.97, 0.96)).toEqual(WHITE);
    expect([await vm.snapshot(), await vm.undoSteps(), await vm.selection()]).toEqual(before);
  });

  test("turns a layer upright that stands straight in a rotated frame", async () => {
    const image = await quarters({ width: 50, height: 30 });
    const child = { key: "child", type: "RECTANGLE" as const, image, set: { width: 50, height: 30 } };
    const frame = { key: "frame", type: "FRAME" as const, set: { transform: TURNED }, children: [child] };
    const { vm, ask } = await openPlugin({ layers: [frame] });
    const before = await vm.snapshot();
    const layerId = await vm.id("child");
    const { bytes } = await ask<PictureAnswer>({ kind: "read-picture", layerId, maxSide: 1024 });
    const { width, height } = await sharp(bytes).metadata();
    expect([width, height]).toEqual([50, 30]);
    expect(await pixelAt(bytes, 0.04, 0.06)).toEqual(RED);
    expect(await vm.snapshot()).toBe(before);
  });

  test("removes the upright copy when Figma cannot export it", async () => {
    const { vm, ask } = await openPlugin({
      layers: [{ key: "layer", type: "RECTANGLE", set: { transform: TURNED, width: 1e6, height: 1e6 } }],
    });
    const before = await vm.snapshot();
    const layerId = await vm.id("layer");
    const { code, message } = await refusalOf(ask({ kind: "read-picture", layerId, maxSide: 1e6 }));
    expect([code, message]).toEqual(["bad-picture", "Figma could not export “layer”."]);
    expect(await vm.snapshot()).toBe(before);
  });

  test("leaves no upright copy when the plugin is closed while Figma exports it", async () => {
    const layer = { key: "layer", type: "RECTANGLE" as const, set: { transform: TURNED } };
    const { vm, ask } = await openPlugin({ layers: [layer] });
    const before = await vm.snapshot();
    const reading = ask({ kind: "read-picture", layerId: await vm.id("layer"), maxSide: 1024 });
    expect(await vm.snapshot()).not.toBe(before);
    await vm.close();
    expect(await vm.snapshot()).toBe(before);
    await refusalOf(reading).catch(() => undefined);
    expect(await vm.snapshot()).toBe(before);
  });

  test("says once that colors of a wide-gamut file may shift", async () => {
    const { vm, ask } = await openPlugin({ layers: [{ key: "layer", type: "RECTANGLE" }], colorProfile: "DISPLAY_P3" });
    const layerId = await vm.id("layer");
    await ask({ kind: "read-picture", layerId, maxSide: 64 });
    await ask({ kind: "read-picture", layerId, maxSide: 64 });
    expect((await vm.notes()).map(({ message }) => message)).toEqual([
      "This file uses Display P3: some colors may shift a little.",
    ]);
  });

  test.each(["png", "jpeg"] as const)(
    "gives a photo's own bytes where it is sharper than its layer (%s)",
    async (format) => {
      const image = await quarters({ width: 600, height: 400, format });
      const { picture } = await read({ type: "RECTANGLE", image, set: { width: 300, height: 200 } });
      expect(Buffer.from(picture.bytes).equals(Buffer.from(image))).toBe(true);
      expect([picture.width, picture.height]).toEqual([300, 200]);
    },
  );

  test("gives a rotated photo's own bytes, which are upright", async () => {
    const image = await quarters({ width: 600, height: 400 });
    const { picture } = await read({ type: "RECTANGLE", image, set: { width: 300, height: 200, transform: TURNED } });
    expect(Buffer.from(picture.bytes).equals(Buffer.from(image))).toBe(true);
  });

  test("reads a photo beyond the cap at the cap, sharper than its layer", async () => {
    const image = await quarters({ width: 600, height: 400 });
    const { width, height } = await read({ type: "RECTANGLE", image, set: { width: 300, height: 200 } }, 450);
    expect([width, height]).toEqual([450, 300]);
  });

  test("exports a GIF, which no engine reads", async () => {
    const image = await quarters({ width: 600, height: 400, format: "gif" });
    const { format, width } = await read({ type: "RECTANGLE", image, set: { width: 300, height: 200 } });
    expect([format, width]).toEqual(["png", 600]);
  });

  test.each<[string, Partial<NodeState>, Partial<ImagePaint>]>([
    ["is cropped", {}, { scaleMode: "CROP" }],
    ["does not fill its layer", {}, { scaleMode: "FIT" }],
    ["is filtered", {}, { filters: { contrast: 0.2 } }],
    ["is turned inside its layer", {}, { rotation: 90 }],
    ["is half transparent", {}, { opacity: 0.5 }],
    ["stands in a transparent layer", { opacity: 0.5 }, {}],
    ["has round corners", { radii: [8, 0, 0, 0] }, {}],
    ["has a border", { strokes: [{ type: "SOLID", color: { r: 0, g: 0, b: 0 } }] }, {}],
    ["has a shadow", { effects: [{ type: "LAYER_BLUR", radius: 4, visible: true, blurType: "NORMAL" }] }, {}],
    ["shows only a part of it", { height: 120 }, {}],
    ["has fewer pixels than the layer", { width: 900, height: 600 }, {}],
  ])("exports a photo that %s", async (_, set, fill) => {
    const image = await quarters({ width: 600, height: 400 });
    const { width } = await read({ type: "RECTANGLE", image, fill, set: { width: 300, height: 200, ...set } });
    expect(width).toBe(set.width ?? 300);
  });

  test("exports a photo that is covered by another fill", async () => {
    const image = await quarters({ width: 600, height: 400 });
    const { vm, ask } = await openPlugin({
      layers: [{ key: "layer", type: "RECTANGLE", image, set: { width: 300, height: 200 } }],
    });
    const { fills } = await vm.inspect("layer");
    await vm.set("layer", { fills: [...fills, { type: "SOLID", color: { r: 0, g: 0, b: 0 }, opacity: 0.5 }] });
    const { bytes } = await ask<PictureAnswer>({ kind: "read-picture", layerId: await vm.id("layer"), maxSide: 1024 });
    expect((await sharp(bytes).metadata()).width).toBe(300);
    expect((await pixelAt(bytes, 0.25, 0.25))[0]).toBeLessThan(140);
  });
});

describe("reading what cannot be read", () => {
  test("a deleted layer", async () => {
    const { vm, ask } = await openPlugin({ layers: [{ key: "layer", type: "RECTANGLE" }] });
    const layerId = await vm.id("layer");
    await vm.remove("layer");
    const body = await refusalOf(ask({ kind: "read-picture", layerId, maxSide: 64 }));
    expect(body).toEqual({ code: "not-found", message: "This layer was deleted.", hint: "Select another layer." });
  });

  test.each(["0:1", "0:0", "99:99", ""])("no layer at all: %j", async (layerId) => {
    const { ask } = await openPlugin();
    expect((await refusalOf(ask({ kind: "read-picture", layerId, maxSide: 64 }))).code).toBe("not-found");
  });

  test("a hidden layer", async () => {
    const { vm, ask } = await openPlugin({ layers: [{ key: "Sea", type: "RECTANGLE", set: { visible: false } }] });
    const { message } = await refusalOf(ask({ kind: "read-picture", layerId: await vm.id("Sea"), maxSide: 64 }));
    expect(message).toBe("“Sea” is hidden. Show it first.");
  });
});

describe("a thumbnail", () => {
  test("fits the side that is asked for", async () => {
    const { vm, ask } = await openPlugin({
      layers: [{ key: "layer", type: "FRAME", set: { width: 300, height: 600 } }],
    });
    const bytes = await ask<Uint8Array>({ kind: "thumbnail", layerId: await vm.id("layer"), side: 90 });
    const { width, height } = await sharp(bytes).metadata();
    expect([width, height]).toEqual([45, 90]);
  });

  test("shows a rotated layer upright, as it will be painted", async () => {
    const set = { width: 300, height: 200, transform: TURNED };
    const { vm, ask } = await openPlugin({ layers: [{ key: "layer", type: "FRAME", set }] });
    const before = await vm.snapshot();
    const bytes = await ask<Uint8Array>({ kind: "thumbnail", layerId: await vm.id("layer"), side: 90 });
    const { width, height } = await sharp(bytes).metadata();
    expect([width, height]).toEqual([90, 60]);
    expect(await vm.snapshot()).toBe(before);
  });

  test("is null for a layer that is gone or hidden", async () => {
    const { vm, ask } = await openPlugin({ layers: [{ key: "layer", type: "FRAME", set: { visible: false } }] });
    expect(await ask({ kind: "thumbnail", layerId: await vm.id("layer"), side: 90 })).toBeNull();
    expect(await ask({ kind: "thumbnail", layerId: "99:1", side: 90 })).toBeNull();
  });
});
