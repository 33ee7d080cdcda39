// How far results are from their style, with the embedded network.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { styleDistance } from "../../../companion/supervisor/style-distance.ts";

const read = async (name: string): Promise<Picture> =>
  (
    await decodePicture(readFileSync(new URL(`../../../companion/samples/${name}.jpg`, import.meta.url)), name, {
      maxSide: 256,
    })
  ).picture;

/** The content, whose right half is the style's. */
function halfOf(style: Picture, content: Picture): Picture {
  const data = content.data.slice();
  for (let at = 0; at < data.length; at++) {
    const [x, y, channel] = [
      at % content.width,
      Math.floor(at / content.width) % content.height,
      Math.floor(at / (content.width * content.height)),
    ];
    if (x > content.width / 2) data[at] = style.data[(channel * style.height + y) * style.width + x] as number;
  }
  return { ...content, data };
}

it("is 0 for the style itself, 1 for plain gray, and the smaller the more a picture has of the style", async () => {
  const [style, content] = [await read("starry-night"), await read("tubingen")];
  const gray: Picture = { ...content, data: new Float32Array(content.data.length).fill(0.5) };
  const [own, plain, far, near] = [
    await styleDistance(style, style),
    await styleDistance(gray, style),
    await styleDistance(content, style),
    await styleDistance(halfOf(style, content), style),
  ] as number[];
  // Copies of the same pixels; gray of another shape differs at its borders alone, where zeros are padded.
  expect(own).toBeCloseTo(0, 5);
  expect(plain).toBeGreaterThan(0.8);
  expect(plain).toBeLessThan(1.2);
  expect(near).toBeLessThan(0.8 * (far as number));
});
