// The test's page: layers drawn by hand go through the panel's making of masks.

import type { Place } from "../../companion/protocol/host/messages.ts";
import type { SourcePicture } from "../../ui/host.ts";
import { joinMasks, looksLikeMask } from "../../ui/masks.ts";
import { decode, fromCanvas, putInPlace } from "../../ui/pictures.ts";

export interface Rectangle {
  color: string;
  at: [number, number, number, number];
}

export interface Drawn {
  size: [number, number];
  rectangles: Rectangle[];
  byAlpha?: boolean;
}

async function draw({ size: [width, height], rectangles }: Drawn): Promise<SourcePicture> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  for (const { color, at } of rectangles) {
    context.fillStyle = color;
    context.fillRect(...at);
  }
  return { ...(await fromCanvas(canvas)), name: "drawn" };
}

/** Rows of red, or of alpha. */
async function rowsOf({ bytes, width, height }: SourcePicture, channel: 0 | 3): Promise<number[][]> {
  const context = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.drawImage(await decode(bytes, "drawn"), 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => data[(y * width + x) * 4 + channel] as number),
  );
}

const masks = {
  async join(layers: Drawn[], over: { width: number; height: number }, maxSide: number): Promise<number[][] | null> {
    const parts = [];
    for (const layer of layers) parts.push({ picture: await draw(layer), byAlpha: layer.byAlpha ?? false });
    const joined = await joinMasks(parts, over, maxSide);
    return joined && rowsOf(joined, 0);
  },
  looks: async (layer: Drawn): Promise<boolean> => looksLikeMask(await draw(layer)),
  place: async (layer: Drawn, place: Place, maxSide: number): Promise<number[][]> =>
    rowsOf(await putInPlace(await draw(layer), place, maxSide), 3),
};
export type MasksPage = typeof masks;
Object.assign(window, { masks });
