// What statistics make of a style of which they look at a part: large pictures, of which a sample is taken, and masks
// that leave little or are gray all over.

import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { stylize } from "../../../native/binding/binding.ts";
import type { EngineSettings } from "../../../native/binding/types.ts";
import { evaluateObjective, randomPicture, relativeError } from "../support/objective.ts";
import { smallRequest } from "../support/run.ts";
import { SMALL_NETWORK_PATH } from "../support/small.ts";

const SAMPLED = ["histogram", "sliced", "mmd-gaussian"] as const;

/** Columns of black, black, white and white, the first of them `phase` columns to the left: 65,536 positions. */
function stripes(phase: number): Picture {
  const side = 256;
  const data = Float32Array.from({ length: 3 * side * side }, (_, i) => Number((i + phase) % 4 >= 2));
  return { width: side, height: side, channels: 3, data };
}

test.each(SAMPLED)("%s sees all of a large picture's rhythm, wherever it begins", async (styleLoss) => {
  const image = randomPicture(40, 36, 1);
  const lossTo = async (style: Picture) => {
    const settings = {
      styleLoss,
      styleLayers: ["relu1_1"],
      contentLayers: ["relu1_1"],
      contentWeight: 0,
      styleWeight: 1,
    } as const;
    const input = { networkPath: SMALL_NETWORK_PATH, image, content: image, style, settings };
    return (await evaluateObjective(input)).losses.total;
  };
  const losses = [await lossTo(stripes(0)), await lossTo(stripes(1)), await lossTo(stripes(2))];
  // Edges of the picture and a sample of a quarter; one column of four alone would make them differ by half.
  expect(
    relativeError(
      losses,
      losses.map(() => losses[0] as number),
    ),
  ).toBeLessThan(0.05);
});

/** A style of 256 × 256 px, of which `mask` says what counts, by its column. */
async function paintedWith(styleLoss: EngineSettings["styleLoss"], mask: (x: number) => number): Promise<Picture> {
  const request = smallRequest({ styleLoss, styleScale: 4, firstIterations: 2, styleLayers: ["relu1_1", "relu3_1"] });
  const column = Float32Array.from({ length: 256 * 256 }, (_, i) => mask(i % 256));
  const source = { width: 256, height: 256, channels: 3, data: Float32Array.from([...column, ...column, ...column]) };
  const styles = [{ picture: randomPicture(256, 256, 2), weight: 1, source } as const];
  return (await stylize({ ...request, styles } as typeof request).result).picture;
}

test.each([...SAMPLED, "nearest", "patches"] as const)("%s takes a style of which a thin line counts", async (loss) => {
  const { data } = await paintedWith(loss, (x) => Number(x === 1));
  expect(data.every((value) => value >= 0 && value <= 1)).toBe(true);
  expect(relativeError(data, smallRequest().content.data)).toBeGreaterThan(1e-3);
});

test.each(["mmd-gaussian", "nearest", "patches"] as const)("to %s a mask of one gray is no mask", async (loss) => {
  const [gray, white] = [await paintedWith(loss, () => 0.4), await paintedWith(loss, () => 1)];
  // Masks are kept in 8 bits or float32; sums over them round otherwise.
  expect(relativeError(gray.data, white.data)).toBeLessThan(1e-4);
  expect(relativeError(white.data, smallRequest().content.data)).toBeGreaterThan(1e-3);
});
