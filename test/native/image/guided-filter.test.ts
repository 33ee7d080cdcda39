// The photographic finish against a naive twin in double precision, and what people ask of it: edges where the
// content has them, and nothing glowing along them.

import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { stylize } from "../../../native/binding/binding.ts";
import { loadAddon } from "../../../native/binding/load.ts";
import { randomPicture } from "../support/objective.ts";
import { smallRequest } from "../support/run.ts";

const RADIUS = 1 / 32;
const EPSILON = 1e-4;

type Vector = number[];

/** Gauss without pivots: covariance + ε is positive definite. */
function solve(matrix: Vector[], right: Vector): Vector {
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  const at = (i: number, j: number) => rows[i]?.[j] as number;
  for (let k = 0; k < 3; k++) {
    for (let i = k + 1; i < 3; i++) {
      const factor = at(i, k) / at(k, k);
      rows[i] = (rows[i] as Vector).map((value, j) => value - factor * at(k, j));
    }
  }
  const result = [0, 0, 0];
  for (let i = 2; i >= 0; i--) {
    const known = result.reduce((sum, value, j) => sum + (j > i ? at(i, j) * value : 0), 0);
    result[i] = (at(i, 3) - known) / at(i, i);
  }
  return result;
}

/** Window by window, as He, Sun & Tang write it; at sizes where the coefficients are not computed smaller. */
function naiveFilter(picture: Picture, guide: Picture): number[] {
  const { width, height } = guide;
  const plane = width * height;
  const radius = Math.max(1, Math.round(RADIUS * Math.max(width, height)));
  const around = (pixel: number) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const result: number[] = [];
    for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
      for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++) result.push(v * width + u);
    }
    return result;
  };
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const color = (i: number) => [0, 1, 2].map((c) => guide.data[c * plane + i] as number);
  const windows = Array.from({ length: plane }, (_, i) => around(i));
  return [0, 1, 2].flatMap((channel) => {
    const painted = (i: number) => picture.data[channel * plane + i] as number;
    const fits = windows.map((window) => {
      const colors = window.map(color);
      const center = [0, 1, 2].map((c) => mean(colors.map((each) => each[c] as number)));
      const deviation = (c: number, k: number) => (colors[k]?.[c] as number) - (center[c] as number);
      const covariance = [0, 1, 2].map((a) =>
        [0, 1, 2].map((b) => mean(colors.map((_, k) => deviation(a, k) * deviation(b, k))) + Number(a === b) * EPSILON),
      );
      const level = mean(window.map(painted));
      const cross = [0, 1, 2].map((a) => mean(window.map((i, k) => deviation(a, k) * (painted(i) - level))));
      const factors = solve(covariance, cross);
      return [...factors, level - factors.reduce((sum, factor, c) => sum + factor * (center[c] as number), 0)];
    });
    return windows.map((window, i) => {
      const factors = [0, 1, 2, 3].map((k) => mean(window.map((w) => fits[w]?.[k] as number)));
      const value = color(i).reduce((sum, part, c) => sum + part * (factors[c] as number), factors[3] as number);
      return Math.min(1, Math.max(0, value));
    });
  });
}

test.each([
  [37, 52],
  [65, 40],
])("%i × %i is what the formula says", (width, height) => {
  const [picture, guide] = [randomPicture(width, height, 1), randomPicture(width, height, 2)];
  const { data } = loadAddon().guidedFilter(picture, guide, 1);
  const expected = naiveFilter(picture, guide);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (data[i] as number))), 0);
  // Coefficients up to a few units in float32 at the end; the sums are in double.
  expect(worst).toBeLessThan(1e-5);
});

/** Two flat halves, their border at `edge(y)`. */
function halves(width: number, height: number, edge: (y: number) => number, left: Vector, right: Vector): Picture {
  const data = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const [c, y, x] = [Math.floor(i / width / height), Math.floor(i / width) % height, i % width];
    return (x < edge(y) ? left : right)[c] as number;
  });
  return { width, height, channels: 3, data };
}

test.each([96, 700])("at %i px the painting's wobbly edge becomes the content's, without a halo", (side) => {
  const edge = Math.round(0.4 * side);
  const [left, right] = [
    [0.2, 0.3, 0.7],
    [0.9, 0.6, 0.1],
  ];
  const content = halves(side, side, () => edge, [0.15, 0.15, 0.2], [0.7, 0.75, 0.8]);
  const wobble = (y: number) => edge + Math.round((side / 96) * 1.4 * Math.sin((96 / side) * 0.7 * y));
  const { data } = loadAddon().guidedFilter(halves(side, side, wobble, left, right), content, 1);
  for (let c = 0; c < 3; c++) {
    const [a, b] = [left[c] as number, right[c] as number];
    const step = Math.abs(b - a);
    const row = data.subarray((c * side + side / 2) * side, (c * side + side / 2 + 1) * side);
    row.forEach((value, x) => {
      // Where the painting crosses the edge its color there is a mixture; a halo would leave the two colors' range.
      expect(value).toBeGreaterThan(Math.min(a, b) - 0.02 * step);
      expect(value).toBeLessThan(Math.max(a, b) + 0.02 * step);
      const change = Math.abs(value - (row[x - 1] ?? value));
      if (x === edge) expect(change).toBeGreaterThan(0.5 * step);
      else expect(change).toBeLessThan(0.1 * step);
    });
  }
});

test("a run finishes its result so, and 0 % leaves the painting as it is", async () => {
  const paint = async (photorealStrength: number, photoreal: "off" | "guided" = "guided") =>
    (await stylize(smallRequest({ photoreal, photorealStrength })).result).picture;
  const painted = await paint(100, "off");
  expect((await paint(0)).data).toEqual(painted.data);
  const finished = loadAddon().guidedFilter(painted, smallRequest().content, 1);
  expect((await paint(100)).data).toEqual(finished.data);
});
