// A picture's colors carried onto a palette: near it, fairly shared, smooth, and as light and dark as before.

import { resolve } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { fromOklab, labDistance, type Rgb, toOklab } from "../../../companion/protocol/oklab.ts";
import { interleaved, parseColor, planar, toPalette } from "../../../companion/protocol/palette.ts";

const BRAND = ["#0b1d3a", "#f2c14e", "#d1495b", "#edf6f9"];
const SIDE = 96;
const PIXELS = SIDE * SIDE;

let painting: Uint8Array;
beforeAll(async () => {
  const file = resolve(import.meta.dirname, "../../../companion/samples/starry-night.jpg");
  painting = new Uint8Array(await sharp(file).resize(SIDE, SIDE, { fit: "fill" }).removeAlpha().raw().toBuffer());
});

const rgbAt = (data: ArrayLike<number>, i: number): Rgb => [
  (data[3 * i] as number) / 255,
  (data[3 * i + 1] as number) / 255,
  (data[3 * i + 2] as number) / 255,
];
const brand = BRAND.map((color) => toOklab(parseColor(color) as Rgb));

/** Which share of the pixels is nearest to each color, and how far from it they are on average. */
function compare(data: ArrayLike<number>) {
  const shares = brand.map(() => 0);
  let distance = 0;
  for (let i = 0; i < PIXELS; i++) {
    const distances = brand.map((color) => labDistance(color, toOklab(rgbAt(data, i))));
    const nearest = distances.indexOf(Math.min(...distances));
    shares[nearest] = (shares[nearest] as number) + 1 / PIXELS;
    distance += (distances[nearest] as number) / PIXELS;
  }
  return { shares, distance };
}

describe("a palette", () => {
  test("draws the picture's histogram onto its colors, and leaves none of them out", () => {
    const before = compare(painting);
    const after = compare(toPalette(painting, interleaved(PIXELS, 255), BRAND));
    // Measured: from 0.166 to 0.065; the light one, which nothing in the painting is near to, has 3 % of the pixels.
    expect(after.distance).toBeLessThan(0.5 * before.distance);
    expect(Math.min(...before.shares)).toBeLessThan(0.005);
    expect(Math.min(...after.shares)).toBeGreaterThan(0.015);
  });

  test("makes no bands: neighboring colors stay neighbors", () => {
    const steps = 512;
    const ramp = Float32Array.from({ length: 3 * steps }, (_, at) => (at % steps) / (steps - 1));
    const out = toPalette(ramp, planar(steps), BRAND);
    for (let c = 0; c < 3; c++) {
      for (let i = 1; i < steps; i++) {
        const jump = Math.abs((out[c * steps + i] as number) - (out[c * steps + i - 1] as number));
        // A gray step is 0.002; a palette of four may stretch it eightfold, a band would jump by 0.1 and more.
        expect(jump).toBeLessThan(0.016);
      }
    }
  });

  test("of one color is a tint: light and dark remain", () => {
    const out = toPalette(painting, interleaved(PIXELS, 255), ["#5e3bee"]);
    const light = (data: ArrayLike<number>) => Array.from({ length: PIXELS }, (_, i) => toOklab(rgbAt(data, i))[0]);
    const [before, after] = [light(painting), light(out)];
    const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length;
    const product = (x: readonly number[], y: readonly number[]) =>
      mean(x.map((value, i) => (value - mean(x)) * ((y[i] as number) - mean(y))));
    const correlation = product(before, after) / Math.sqrt(product(before, before) * product(after, after));
    expect(correlation).toBeGreaterThan(0.95);
  });

  test("is the same for planes as for pixels side by side, and leaves other planes alone", () => {
    const planes = new Float32Array(4 * PIXELS).fill(0.25);
    for (let i = 0; i < PIXELS; i++)
      for (let c = 0; c < 3; c++) planes[c * PIXELS + i] = rgbAt(painting, i)[c] as number;
    const flat = toPalette(planes, planar(PIXELS), BRAND);
    const side = toPalette(painting, interleaved(PIXELS, 255), BRAND);
    for (let i = 0; i < PIXELS; i++) {
      // Bytes are cut off, not rounded.
      for (let c = 0; c < 3; c++)
        expect(255 * (flat[c * PIXELS + i] as number) - (side[3 * i + c] as number)).toBeLessThan(1.001);
    }
    expect(new Set(flat.slice(3 * PIXELS))).toEqual(new Set([0.25]));
  });
});

test("OKLab and back is sRGB again", () => {
  for (const color of ["#000000", "#ffffff", "#ff0000", "#2a9d8f", "#0b1d3a"]) {
    const rgb = parseColor(color) as Rgb;
    for (const [c, value] of fromOklab(toOklab(rgb)).entries())
      expect(Math.abs(value - (rgb[c] as number))).toBeLessThan(1e-4);
  }
});

test("a color is # and six digits", () => {
  expect(parseColor("#1a2B3c")).toEqual([26 / 255, 43 / 255, 60 / 255]);
  for (const wrong of ["1a2b3c", "#1a2b3", "#1a2b3c4d", "red", "#1a2b3g"]) expect(parseColor(wrong)).toBeNull();
});
