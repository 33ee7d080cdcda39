// A picture in tiles has the losses and the gradient that it has as a whole.

import { describe, expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { evaluateObjective, randomPicture, relativeError } from "../support/objective.ts";
import { NETWORK } from "../support/run.ts";
import { SMALL_NETWORK_PATH } from "../support/small.ts";

/** Sees 12 px around, so that tiles may be small. */
const TILE = 64;

const shallow: Partial<Settings> = {
  styleLayers: ["relu1_1", "relu2_1", "relu3_1"],
  contentLayers: ["relu2_2"],
  styleWeight: 10,
  tvWeight: 0.5,
};

/** Blurred noise: neighbors are alike, as in photographs, and no layer is flat. */
function smoothPicture(width: number, height: number, seed: number, channels: 3 | 4 = 3): Picture {
  const noise = randomPicture(width, height, seed, channels);
  const data = noise.data.map((_, i) => {
    const row = Math.floor(i / width) * width;
    let sum = 0;
    for (let dx = -2; dx <= 2; dx++)
      sum += noise.data[row + Math.min(width - 1, Math.max(0, (i % width) + dx))] as number;
    return sum / 5;
  });
  return { ...noise, data };
}

/** What of the picture belongs to the left, with a soft seam. */
function left(width: number, height: number, share: (value: number) => number): Picture {
  const plane = Float32Array.from({ length: width * height }, (_, i) =>
    share(Math.min(1, Math.max(0, 2 - (4 * (i % width)) / width))),
  );
  return { width, height, channels: 3, data: Float32Array.from([...plane, ...plane, ...plane]) };
}

/**
 * Both add the same products, in another order: 1e-6 of a sum. Wasserstein-2 takes roots of nearly singular matrices,
 * which keep fewer digits. The bound is the one that the untiled gradient is held to against PyTorch.
 */
const TOLERANCE = 1e-4;

describe("value and gradient in tiles are those of the whole picture", () => {
  test.each<[string, number, number, Partial<Settings>]>([
    ["Gram matrices", 160, 112, { styleLoss: "gram" }],
    ["odd sides, the border replicated", 161, 119, { styleLoss: "gram-normalized", padding: "replicate" }],
    ["the border mirrored, max pool", 150, 131, { styleLoss: "gram-normalized", padding: "reflect", pooling: "max" }],
    ["Wasserstein-2", 163, 114, { styleLoss: "w2" }],
    ["a sum of both kinds of moments", 150, 112, { styleLoss: "w2,gram-normalized:0.5" }],
    ["means and deviations", 150, 114, { styleLoss: "bn,mmd-linear:0.5" }],
    ["a mean alone, which has no slope in a matrix", 140, 112, { styleLoss: "mmd-linear" }],
    ["several content layers", 140, 112, { styleLoss: "gram", contentLayers: ["relu1_2", "relu2_2", "relu3_1"] }],
  ])("%s", async (_, width, height, settings) => {
    const input = {
      networkPath: SMALL_NETWORK_PATH,
      image: smoothPicture(width, height, 1),
      content: smoothPicture(width, height, 2),
      style: smoothPicture(137, 96, 3),
      settings: { ...shallow, ...settings },
    };
    const whole = await evaluateObjective(input);
    const tiled = await evaluateObjective({ ...input, tile: TILE });
    expect(relativeError(tiled.gradient, whole.gradient)).toBeLessThan(TOLERANCE);
    expect(relativeError([tiled.losses.total], [whole.losses.total])).toBeLessThan(TOLERANCE);
    const layers = ({ losses }: typeof whole) => [
      ...Object.values(losses.styleLayers),
      ...Object.values(losses.contentLayers),
    ];
    expect(relativeError(layers(tiled), layers(whole))).toBeLessThan(TOLERANCE);
  });

  test("transparent content and regions with soft edges", async () => {
    const [width, height] = [150, 118];
    const content = smoothPicture(width, height, 2, 4);
    const alpha = content.data.subarray(3 * width * height);
    const regions = [left(width, height, (share) => share), left(width, height, (share) => 1 - share)];
    for (const { data } of regions) {
      data.forEach((value, i) => {
        data[i] = value * (alpha[i % alpha.length] as number);
      });
    }
    const input = {
      networkPath: SMALL_NETWORK_PATH,
      image: smoothPicture(width, height, 1),
      content,
      style: content,
      styles: regions.map((region, i) => ({ picture: smoothPicture(120, 90, 3 + i), region })),
      settings: { ...shallow, styleLoss: "w2" } as const,
    };
    const whole = await evaluateObjective(input);
    const tiled = await evaluateObjective({ ...input, tile: TILE });
    expect(relativeError(tiled.gradient, whole.gradient)).toBeLessThan(TOLERANCE);
    expect(relativeError([tiled.losses.total], [whole.losses.total])).toBeLessThan(TOLERANCE);
  });

  test("all five blocks, whose halo is 80 px", async () => {
    const [width, height] = [420, 345];
    const input = {
      networkPath: NETWORK,
      image: smoothPicture(width, height, 1),
      content: smoothPicture(width, height, 2),
      style: smoothPicture(200, 180, 3),
      settings: { styleLoss: "w2", padding: "replicate", contentWeight: 1, styleWeight: 10 } as const,
    };
    const whole = await evaluateObjective(input);
    const tiled = await evaluateObjective({ ...input, tile: 320 });
    expect(relativeError(tiled.gradient, whole.gradient)).toBeLessThan(TOLERANCE);
  });
});

test("a style measured in tiles is the style measured at once", async () => {
  const style = smoothPicture(211, 157, 3, 4);
  const image = smoothPicture(64, 64, 1);
  const input = {
    networkPath: SMALL_NETWORK_PATH,
    image,
    content: image,
    style,
    settings: { ...shallow, styleLoss: "w2" } as const,
  };
  const whole = await evaluateObjective(input);
  const tiled = await evaluateObjective({ ...input, tile: TILE });
  for (const layer of Object.keys(whole.grams)) {
    expect(relativeError(tiled.grams[layer] as Float32Array, whole.grams[layer] as Float32Array)).toBeLessThan(1e-5);
    expect(relativeError(tiled.means[layer] as Float32Array, whole.means[layer] as Float32Array)).toBeLessThan(1e-5);
  }
});

test("no seam: the error at the borders of tiles is as small as elsewhere", async () => {
  const [width, height] = [160, 112];
  const image = smoothPicture(width, height, 1);
  const input = {
    networkPath: SMALL_NETWORK_PATH,
    image,
    content: smoothPicture(width, height, 2),
    style: smoothPicture(90, 90, 3),
    settings: { ...shallow, styleLoss: "gram" } as const,
  };
  const whole = await evaluateObjective(input);
  const tiled = await evaluateObjective({ ...input, tile: TILE });
  const rms = Math.hypot(...whole.gradient) / Math.sqrt(whole.gradient.length);
  const worst = tiled.gradient.reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - (whole.gradient[i] as number))),
    0,
  );
  // A position that no tile answers for, or two do, would miss by about its whole gradient.
  expect(worst / rms).toBeLessThan(1e-3);
});
