// Documents to try the plugin on: photos and frames made of the companion's sample pictures.

import { readFileSync } from "node:fs";
import sharp from "sharp";
import type { LayerDescription } from "./inside.ts";
import type { NodeState } from "./state.ts";

const SAMPLES = new URL("../../../companion/samples/", import.meta.url);

/** Turned by about 11°, so that the geometry of a result shows what it keeps. */
const TURNED: NodeState["transform"] = [
  [Math.cos(0.2), -Math.sin(0.2), 60],
  [Math.sin(0.2), Math.cos(0.2), 40],
];

/** A sample picture, its long side `side` px. */
async function sample(name: "tubingen" | "starry-night", side: number): Promise<Uint8Array> {
  const file = readFileSync(new URL(`${name}.jpg`, SAMPLES));
  return new Uint8Array(await sharp(file).resize(side, side, { fit: "inside" }).png().toBuffer());
}

const TITLE: Partial<NodeState> = {
  characters: "Title",
  width: 80,
  height: 24,
  transform: [
    [1, 0, 200],
    [0, 1, 200],
  ],
  fontSize: 20,
  fills: [{ type: "SOLID", color: { r: 0.1, g: 0.1, b: 0.1 } }],
};

/** A photo of a harbor in a frame, turned and with round corners, and a painting beside the frame. */
export async function twoLayers(): Promise<{ layers: LayerDescription[]; selected: string[] }> {
  const [content, style] = [await sample("tubingen", 256), await sample("starry-night", 256)];
  const set = { width: 128, height: 96, transform: TURNED, radii: [12, 12, 12, 12] } satisfies Partial<NodeState>;
  const photo: LayerDescription = { key: "Harbor", type: "RECTANGLE", image: content, set };
  return {
    layers: [
      {
        key: "Poster",
        type: "FRAME",
        set: { width: 300, height: 240 },
        children: [photo, { key: "Title", type: "TEXT", set: TITLE }],
      },
      {
        key: "Waves",
        type: "RECTANGLE",
        image: style,
        set: {
          width: 128,
          height: 101,
          transform: [
            [1, 0, 340],
            [0, 1, 0],
          ],
        },
      },
    ],
    selected: ["Harbor", "Waves"],
  };
}

/** A poster as designers make them: a photo, a heading, a logo, a button with its label. */
export async function posterWithText(): Promise<LayerDescription> {
  const at = (x: number, y: number): NodeState["transform"] => [
    [1, 0, x],
    [0, 1, y],
  ];
  const solid = (r: number, g: number, b: number): Paint[] => [{ type: "SOLID", color: { r, g, b } }];
  const photo = { width: 280, height: 210, transform: at(0, 0) };
  const heading = { width: 200, height: 34, fontSize: 28, characters: "Neckarfront", transform: at(20, 18) };
  const label = { width: 66, height: 14, fontSize: 12, characters: "Get tickets", transform: at(17, 8) };
  const button = {
    width: 100,
    height: 30,
    transform: at(20, 160),
    radii: [15, 15, 15, 15],
  } satisfies Partial<NodeState>;
  const logo = { width: 36, height: 36, transform: at(228, 16), fills: solid(0.95, 0.75, 0.1) };
  return {
    key: "Poster with text",
    type: "FRAME",
    set: { width: 280, height: 210, radii: [8, 8, 8, 8] },
    children: [
      { key: "Neckar", type: "RECTANGLE", image: await sample("tubingen", 560), set: photo },
      { key: "Heading", type: "TEXT", set: { ...heading, fills: solid(1, 1, 1) } },
      { key: "Logo", type: "ELLIPSE", set: logo },
      {
        key: "Button",
        type: "FRAME",
        set: { ...button, fills: solid(0.8, 0.15, 0.2) },
        children: [{ key: "Label", type: "TEXT", set: { ...label, fills: solid(1, 1, 1) } }],
      },
    ],
  };
}

/** Frames of a size in a grid, each with its part of the photo, and a painting beside them. */
export async function manyFrames(count: number): Promise<LayerDescription[]> {
  const [image, style] = [await sample("tubingen", 256), await sample("starry-night", 128)];
  const frames = Array.from({ length: count }, (_, i): LayerDescription => {
    const at: NodeState["transform"] = [
      [1, 0, (i % 4) * 100],
      [0, 1, Math.floor(i / 4) * 80],
    ];
    const photo = { key: `Photo ${i + 1}`, type: "RECTANGLE" as const, image, set: { width: 96, height: 72 } };
    const fills = [{ type: "SOLID" as const, color: { r: i / count, g: 0.5, b: 1 - i / count }, opacity: 0.3 }];
    const tint = { key: `Tint ${i + 1}`, type: "RECTANGLE" as const, set: { width: 96, height: 72, fills } };
    const set = { width: 96, height: 72, transform: at };
    return { key: `Card ${i + 1}`, type: "FRAME", set, children: [photo, tint] };
  });
  const aside: NodeState["transform"] = [
    [1, 0, 440],
    [0, 1, 0],
  ];
  const set = { width: 128, height: 101, transform: aside };
  return [...frames, { key: "Waves", type: "RECTANGLE", image: style, set }];
}
