// Styles for some layers alone: at these they are the target, and nowhere else.

import { describe, expect, test } from "vitest";
import { stylize } from "../../../native/binding/binding.ts";
import type { NativeRequest, TraceRecord } from "../../../native/binding/types.ts";
import { randomPicture } from "../support/objective.ts";
import { smallRequest } from "../support/run.ts";

const [FIRST, SECOND] = [randomPicture(56, 60, 2), randomPicture(60, 52, 3)];
const LAYERS = ["relu1_1", "relu2_1", "relu3_1"] as const;

/** Losses by style layer where the content stands: the one step is too small to see. */
async function lossesOf(styles: NativeRequest["styles"], styleLoss: string): Promise<Record<string, number>> {
  const settings = { optimizer: "adam", stepSize: 1e-5, firstIterations: 1, styleLayers: [...LAYERS] } as const;
  const records: TraceRecord[] = [];
  const request = { ...smallRequest({ ...settings, styleLoss, styleWeight: 1, contentWeight: 1 }), styles };
  await stylize(request, { onTrace: (some) => records.push(...some) }).result;
  return records[0]?.losses.styleLayers ?? {};
}

describe.each(["w2", "mmd-gaussian", "patches"])("with %s", (styleLoss) => {
  test("layers that a style is for take its targets, all others those of the style without layers", async () => {
    const first = await lossesOf([{ picture: FIRST, weight: 1 }], styleLoss);
    const second = await lossesOf([{ picture: SECOND, weight: 1 }], styleLoss);
    const both = await lossesOf(
      [
        { picture: FIRST, weight: 1 },
        { picture: SECOND, weight: 1, layers: ["relu1_1", "relu3_1"] },
      ],
      styleLoss,
    );
    const from = { relu1_1: second, relu2_1: first, relu3_1: second };
    for (const layer of LAYERS) {
      expect(both[layer], layer).toBe(from[layer][layer]);
      // Patches compare at relu3_1 alone.
      if (styleLoss !== "patches" || layer === "relu3_1") expect(first[layer]).not.toBe(second[layer]);
    }
  });
});

test("two styles for one layer are blended there by their weights", async () => {
  const at = (weights: [number, number], layers?: readonly string[]) =>
    lossesOf(
      [
        { picture: FIRST, weight: weights[0], ...(layers && { layers }) },
        { picture: SECOND, weight: weights[1], ...(layers && { layers }) },
      ],
      "gram-normalized",
    );
  expect(await at([2, 1], LAYERS)).toEqual(await at([2, 1]));
  expect(await at([1, 2], LAYERS)).not.toEqual(await at([2, 1]));
});

test("BAD CALL - a layer without a style is named before anything is painted", () => {
  const styles = [{ picture: FIRST, weight: 1, layers: ["relu1_1"] }];
  const request = { ...smallRequest({ styleLayers: [...LAYERS] }), styles };
  expect(() => stylize(request)).toThrow(/No style is given for relu2_1, relu3_1/);
});
