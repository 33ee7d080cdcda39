// Styles in regions of their own: losses against a naive twin in double precision, the gradient against central
// differences of that twin, and where a style pulls.

import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { type Form, naiveObjective } from "../support/naive-objective.ts";
import { evaluateObjective, randomNumbers, randomPicture, relativeError } from "../support/objective.ts";
import { EVERY_TERM, SMALL_NETWORK, SMALL_NETWORK_PATH } from "../support/small.ts";

/** A gray picture of what `at` is at x and y, both from 0 to 1. */
function gray(width: number, height: number, at: (x: number, y: number) => number): Picture {
  const plane = Float32Array.from({ length: width * height }, (_, i) =>
    Math.min(1, Math.max(0, at((i % width) / (width - 1), Math.floor(i / width) / (height - 1)))),
  );
  return { width, height, channels: 3, data: Float32Array.from([...plane, ...plane, ...plane]) };
}

/** As gradient.test.ts: float32 against float64; Wasserstein-2 takes roots of small numbers. */
const TOLERANCES = { gram: 1e-4, w2: 2e-3 } as const;
const STEP = 1e-6;

test.each([
  ["two halves", { ...EVERY_TERM }, 37, 41, false],
  ["two halves, relative, max pool", { ...EVERY_TERM, styleLoss: "gram-normalized", pooling: "max" }, 41, 35, false],
  [
    "two halves, Wasserstein-2 and Gram",
    { ...EVERY_TERM, styleLoss: "w2,gram-normalized:0.5", styleLayers: ["relu1_1", "relu2_1"], padding: "replicate" },
    33,
    35,
    false,
  ],
  ["two halves, slices and deviations", { ...EVERY_TERM, styleLoss: "sliced,bn" }, 35, 37, false],
  ["two halves of a masked content", { ...EVERY_TERM }, 35, 43, true],
] as const)("value and gradient of two styles with soft edges: %s", async (_, form, width, height, masked) => {
  const image = randomPicture(width, height, 1);
  const content = randomPicture(width, height, 2, masked ? 4 : 3);
  // A soft seam, and a corner that belongs to neither.
  const corner = (x: number, y: number) => Math.min(1, 4 - 2.5 * (x + y));
  const styles = [
    { picture: randomPicture(41, 34, 3), region: gray(width, height, (x, y) => corner(x, y) * (2 - 4 * x)) },
    { picture: randomPicture(38, 45, 4), region: gray(width, height, (x, y) => corner(x, y) * (4 * x - 1)) },
  ];
  // Together no more than the content has.
  for (const { region } of styles) {
    for (let i = 0; i < region.data.length; i++) {
      const alpha = masked ? (content.data[3 * width * height + (i % (width * height))] as number) : 1;
      region.data[i] = alpha * (region.data[i] as number);
    }
  }
  const naive = naiveObjective(SMALL_NETWORK, content, styles, form);
  const expected = naive(image);
  const style = image;
  const actual = await evaluateObjective({
    networkPath: SMALL_NETWORK_PATH,
    image,
    content,
    style,
    styles,
    settings: form,
  });
  const tolerance = TOLERANCES[form.styleLoss.includes("w2") ? "w2" : "gram"];
  expect(relativeError(Object.values(actual.losses.styleLayers), expected.style)).toBeLessThan(tolerance);
  expect(relativeError(Object.values(actual.losses.contentLayers), expected.content)).toBeLessThan(tolerance);
  expect(relativeError([actual.losses.total], [expected.total])).toBeLessThan(tolerance);

  const random = randomNumbers(7);
  // The twin takes its time over Wasserstein-2.
  const samples = /w2|sliced/.test(form.styleLoss) ? 3 : 12;
  const pixels = Array.from({ length: samples }, () => Math.floor(random() * image.data.length));
  const slopes = pixels.map((pixel) => {
    const at = (step: number) => {
      // Float64 pixels: float32 would swallow the step.
      const data = Float64Array.from(image.data) as unknown as Float32Array;
      data[pixel] = (data[pixel] as number) + step;
      return naive({ ...image, data }).total;
    };
    return (at(STEP) - at(-STEP)) / (2 * STEP);
  });
  const sampled = pixels.map((pixel) => actual.gradient[pixel] as number);
  expect(relativeError(sampled, slopes)).toBeLessThan(tolerance);
});

test("a style pulls as hard at its own pixels as it would at the whole picture", async () => {
  const form: Form = { ...EVERY_TERM, contentWeight: 0, tvWeight: 0 };
  // Left and right are alike, so that both have the statistics of the whole.
  const image = randomPicture(64, 48, 1);
  image.data.forEach((_, i) => {
    if (i % 64 >= 32) image.data[i] = image.data[i - 32] as number;
  });
  // Far from the image, so that what little differs between the halves counts for little.
  const style = randomPicture(41, 34, 3);
  style.data = style.data.map((value) => 0.3 * value);
  const whole = await evaluateObjective({
    networkPath: SMALL_NETWORK_PATH,
    image,
    content: image,
    style,
    settings: form,
  });
  const everywhere = [{ picture: style, region: gray(64, 48, () => 1) }];
  const same = await evaluateObjective({
    networkPath: SMALL_NETWORK_PATH,
    image,
    content: image,
    style,
    styles: everywhere,
    settings: form,
  });
  // The same sums, once by matrix products and once with a mask in them.
  expect(relativeError(same.gradient, whole.gradient)).toBeLessThan(1e-5);
  const left = [{ picture: style, region: gray(64, 48, (x) => (x < 0.5 ? 1 : 0)) }];
  const half = await evaluateObjective({
    networkPath: SMALL_NETWORK_PATH,
    image,
    content: image,
    style,
    styles: left,
    settings: form,
  });
  const norm = (gradient: Float32Array, from: number, to: number) =>
    Math.hypot(...gradient.filter((_, i) => i % 64 >= from && i % 64 < to));
  // The border's zeros are in the statistics, too; by its share of the picture alone it would pull twice as hard.
  expect(norm(half.gradient, 0, 16) / norm(whole.gradient, 0, 16)).toBeGreaterThan(0.8);
  expect(norm(half.gradient, 0, 16) / norm(whole.gradient, 0, 16)).toBeLessThan(1.25);
  // Beyond the receptive field of relu3_1, 24 px at most, nothing pulls.
  expect(norm(half.gradient, 56, 64)).toBe(0);
});

test("a region with too few positions of a layer is left out there, and alone there", async () => {
  const form: Form = { ...EVERY_TERM, styleLayers: ["relu1_1", "relu3_1"], contentWeight: 0, tvWeight: 0 };
  const image = randomPicture(64, 48, 1);
  const style = randomPicture(41, 34, 3);
  const small = [{ picture: style, region: gray(64, 48, (x, y) => (x < 0.15 && y < 0.2 ? 1 : 0)) }];
  const { losses, gradient } = await evaluateObjective({
    networkPath: SMALL_NETWORK_PATH,
    image,
    content: image,
    style,
    styles: small,
    settings: form,
  });
  expect(losses.styleLayers.relu1_1).toBeGreaterThan(0);
  expect(losses.styleLayers.relu3_1).toBe(0);
  expect(gradient.every(Number.isFinite)).toBe(true);
});
