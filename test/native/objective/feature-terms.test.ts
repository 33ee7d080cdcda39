// Terms on features beside the statistics: against an independent float64 PyTorch reference (test/vectors), and the
// gradient against central differences at odd sizes, of a sample of positions, with a mask.

import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { evaluateObjective, randomPicture, relativeError } from "../support/objective.ts";
import { readSafetensors } from "../support/safetensors.ts";
import { NETWORK, picture, VECTORS } from "../support/vectors.ts";

const ALONE: Partial<Settings> = {
  contentLayers: ["relu3_1"],
  styleLayers: ["relu3_1"],
  pooling: "avg",
  padding: "zero",
  contentWeight: 0,
  styleWeight: 0,
  tvWeight: 0,
};
const CASES: [name: string, settings: Partial<Settings>][] = [
  ["self-similarity", { contentLoss: "self-similarity", contentWeight: 1 }],
  ["nearest", { styleLoss: "nearest", styleWeight: 1 }],
  ["patches", { styleLoss: "patches", styleWeight: 1 }],
];

test.each(CASES)("value and gradient of %s are the reference's", async (name, settings) => {
  const tensors = readSafetensors(new URL("feature-terms.safetensors", VECTORS));
  const { losses, gradient } = await evaluateObjective({
    networkPath: NETWORK,
    image: picture(tensors, "image"),
    content: picture(tensors, "content"),
    style: picture(tensors, "style"),
    settings: { ...ALONE, ...settings },
  });
  // float32 through six convolutions; cosines of like features are near 1, and little is left of 1 less them.
  expect(relativeError([losses.total], tensors.get(`value.${name}`).values)).toBeLessThan(1e-4);
  expect(relativeError(gradient, tensors.get(`gradient.${name}`).values)).toBeLessThan(1e-3);
});

/** The right third is transparent, the middle half so. */
function withAlpha(opaque: Picture): Picture {
  const { width, height, data } = opaque;
  const alpha = Float32Array.from({ length: width * height }, (_, i) => 1 - Math.floor((3 * (i % width)) / width) / 2);
  return { width, height, channels: 4, data: Float32Array.from([...data, ...alpha]) };
}

/** relu1_2 has 1551 positions, of which self-similarity takes a sample. */
test.each<[name: string, settings: Partial<Settings>]>([
  ["self-similarity", { contentLoss: "self-similarity", contentWeight: 1, contentLayers: ["relu1_2"] }],
  ["nearest", { styleLoss: "nearest", styleWeight: 1 }],
  ["patches", { styleLoss: "patches", styleWeight: 1 }],
])("%s goes down along its gradient as fast as it says", async (_, settings) => {
  const image = randomPicture(47, 33, 1);
  const evaluate = (pixels: Picture) =>
    evaluateObjective({
      networkPath: NETWORK,
      image: pixels,
      content: withAlpha(randomPicture(47, 33, 2)),
      style: randomPicture(45, 51, 3),
      settings: { ...ALONE, ...settings },
    });
  const { gradient } = await evaluate(image);
  const norm = Math.hypot(...gradient);
  const along = async (step: number) => {
    const data = image.data.map((value, i) => value + (step * (gradient[i] as number)) / norm);
    return (await evaluate({ ...image, data })).losses.total;
  };
  const step = 0.002;
  const slope = ((await along(step)) - (await along(-step))) / (2 * step);
  // Kinks of ReLU, of |·| and of matches between the two points.
  expect(Math.abs(slope / norm - 1)).toBeLessThan(0.02);
});

test.each(["nearest", "patches"])("%s leaves out what a mask leaves out", async (styleLoss) => {
  const [width, height] = [96, 36];
  const image = randomPicture(width, height, 1);
  // The right half is transparent; at relu3_1 a position sees 12 px to each side, and a patch 4 px more.
  const alpha = Float32Array.from({ length: width * height }, (_, i) => Number(i % width < width / 2));
  const data = Float32Array.from([...randomPicture(width, height, 2).data, ...alpha]);
  const { gradient, losses } = await evaluateObjective({
    networkPath: NETWORK,
    image,
    content: { width, height, channels: 4, data },
    style: randomPicture(45, 51, 3),
    settings: { ...ALONE, styleLoss, styleWeight: 1 },
  });
  expect(losses.total).toBeGreaterThan(0.01);
  expect(gradient.some((value, i) => value !== 0 && i % width > width / 2)).toBe(true);
  expect(gradient.every((value, i) => value === 0 || i % width < width / 2 + 20)).toBe(true);
});

test("patches without a layer of blocks 3 and 4 are refused with the remedy", async () => {
  const picture = randomPicture(41, 35, 1);
  const settings = { ...ALONE, styleLoss: "patches", styleWeight: 1, styleLayers: ["relu1_1", "relu5_1"] as const };
  const evaluation = evaluateObjective({
    networkPath: NETWORK,
    image: picture,
    content: picture,
    style: picture,
    settings,
  });
  await expect(evaluation).rejects.toMatchObject({ code: "bad-setting", hint: expect.stringMatching(/relu3_1/) });
});
