// Terms on pixels against float64 references (test/vectors): the matting Laplacian as a dense matrix, the Laplacian loss by
// autograd. And what makes the first a regularizer for photographs: recolored content costs nothing.

import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { stylize } from "../../../native/binding/binding.ts";
import { loadAddon } from "../../../native/binding/load.ts";
import { randomPicture, relativeError } from "../support/objective.ts";
import { smallRequest } from "../support/run.ts";
import { readSafetensors } from "../support/safetensors.ts";
import { picture, VECTORS } from "../support/vectors.ts";

const matting = (content: Picture, image: Picture) => loadAddon().pixelTerm("matting", content, image);

test.each(["matting", "laplacian"] as const)("value and gradient of %s are the reference's", (kind) => {
  const tensors = readSafetensors(new URL(`${kind}.safetensors`, VECTORS));
  const { value, gradient } = loadAddon().pixelTerm(kind, picture(tensors, "content"), picture(tensors, "image"));
  // Weights in float32, up to thousands where a window has few colors: 1e-7 of them, and sums of 24.
  expect(relativeError([value], tensors.get("value").values)).toBeLessThan(1e-5);
  expect(relativeError(gradient.data, tensors.get("gradient").values)).toBeLessThan(1e-5);
});

test.each(["matting", "laplacian"] as const)("%s goes down along its gradient as fast as it says", (kind) => {
  const [content, image] = [randomPicture(47, 33, 1), randomPicture(47, 33, 2)];
  const { gradient } = loadAddon().pixelTerm(kind, content, image);
  const norm = Math.hypot(...gradient.data);
  const along = (step: number) => {
    const data = image.data.map((value, i) => value + (step * (gradient.data[i] as number)) / norm);
    return loadAddon().pixelTerm(kind, content, { ...image, data }).value;
  };
  // Quadratic, so that central differences are exact at any step: pixels move by about a hundredth, rounded to 1e-7.
  const slope = along(0.5) - along(-0.5);
  expect(Math.abs(slope / norm - 1)).toBeLessThan(1e-4);
});

test.each([false, true])("a content whose colors are mapped affinely costs nothing (gray: %j)", (isGray) => {
  const random = randomPicture(33, 45, 3);
  const plane = 33 * 45;
  const content = isGray ? { ...random, data: random.data.map((_, i) => random.data[i % plane] as number) } : random;
  const at = (c: number, i: number) => content.data[c * plane + i] as number;
  const recolored = content.data.map((_, k) => {
    const [c, i] = [Math.floor(k / plane), k % plane];
    return 0.1 + 0.4 * at(c, i) + 0.3 * at((c + 1) % 3, i) + 0.1 * at((c + 2) % 3, i);
  });
  const other = matting(content, randomPicture(33, 45, 4)).value;
  expect(other).toBeGreaterThan(0.01);
  expect(Math.abs(matting(content, { ...content, data: recolored }).value)).toBeLessThan(1e-5 * other);
});

test("a run that is held to it stays nearer to a recolored content, the more the stronger", async () => {
  const costs: number[] = [];
  for (const photorealStrength of [0, 10, 100]) {
    const request = smallRequest({ photoreal: "matting", photorealStrength, init: "style-colors" });
    const { picture: painted } = await stylize(request).result;
    costs.push(matting(request.content, painted).value);
  }
  expect(costs[1]).toBeLessThan(0.7 * (costs[0] as number));
  expect(costs[2]).toBeLessThan(0.7 * (costs[1] as number));
});
