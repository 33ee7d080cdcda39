// Pictures as masks: what counts as white, and masks with which there would be nothing to do.

import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { checkMask, partsOf, toMask } from "../../../companion/protocol/mask.ts";

/** One pixel after the other: red, green, blue and, where one has it, alpha. */
function picture(...pixels: number[][]): Picture {
  const channels = pixels.some(({ length }) => length === 4) ? 4 : 3;
  const planes = Array.from({ length: channels }, (_, c) => pixels.map((pixel) => pixel[c] ?? 1));
  return { width: pixels.length, height: 1, channels, data: Float32Array.from(planes.flat()) };
}

const values = (mask: Picture) => [...toMask(mask).data].map((value) => Math.round(value * 1000) / 1000);

test("a gray picture is its own mask, white exactly 1", () => {
  expect([...toMask(picture([0, 0, 0], [0.5, 0.5, 0.5], [1, 1, 1])).data]).toEqual([0, 0.5, 1]);
});

test("colors count by their light, what is transparent by its alpha", () => {
  expect(values(picture([1, 0, 0], [0, 1, 0], [0, 0, 1]))).toEqual([0.299, 0.587, 0.114]);
  expect(values(picture([1, 1, 1, 0.5], [0.5, 0.5, 0.5, 1], [1, 1, 1, 0]))).toEqual([0.5, 0.5, 0]);
});

test("a shape of one color on nothing is its alpha, a black one too", () => {
  expect(values(picture([0, 0, 0, 1], [0, 0, 0, 0.25], [0, 0, 0, 0]))).toEqual([1, 0.25, 0]);
  // Resampling leaves other colors where hardly anything is to be seen.
  expect(values(picture([0.2, 0.4, 0.6, 1], [0.21, 0.4, 0.6, 0.7], [0.9, 0, 0, 0.1]))).toEqual([1, 0.7, 0.1]);
});

test("a picture of one color with nothing transparent is no shape", () => {
  expect(values(picture([0, 0, 0, 1], [0, 0, 0, 1]))).toEqual([0, 0]);
});

test("BAD CALL - masks of nothing, and of everything that would be protected, say what to paint", () => {
  const black = toMask(picture([0, 0, 0], [0, 0, 0]));
  const white = toMask(picture([1, 1, 1], [1, 1, 1]));
  expect(() => checkMask(black, "region", "sky.png")).toThrow(
    "sky.png is black everywhere, so it is a mask of nothing.",
  );
  expect(() => checkMask(black, "source", "sky.png")).toThrow(/black everywhere/);
  expect(() => checkMask(white, "protect", "face.png")).toThrow(
    "face.png is white everywhere, so nothing would be painted.",
  );
  expect(() => checkMask(black, "protect", "face.png")).not.toThrow();
  expect(() => checkMask(white, "region", "sky.png")).not.toThrow();
});

test("styles without a region are one among those that have one", () => {
  const style = { picture: 0, weight: 1 };
  expect(partsOf({ styles: [style, style] })).toEqual({ masked: false, regions: 0 });
  expect(partsOf({ styles: [style, style, { ...style, region: 0 }], protect: 0 })).toEqual({
    masked: true,
    regions: 2,
  });
});
