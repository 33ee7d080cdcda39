// The style statistics against an independent float64 PyTorch reference (test/vectors/make-statistics.py), value and
// gradient, at odd sizes.

import { expect, test } from "vitest";
import { evaluateObjective, relativeError } from "../support/objective.ts";
import { readSafetensors } from "../support/safetensors.ts";
import { NETWORK, picture, VECTORS } from "../support/vectors.ts";

/** float32 through five convolutions and sums over positions; W2 takes roots of small numbers (measured: 3e-6, 5e-5). */
const TOLERANCE = { value: 1e-4, gradient: 1e-3 };

const STATISTICS = ["w2", "gram-normalized", "bn", "mmd-linear", "mmd-gaussian", "sliced", "histogram"];

test.each(STATISTICS)("value and gradient of %s are the reference's", async (styleLoss) => {
  const tensors = readSafetensors(new URL("statistics.safetensors", VECTORS));
  const image = picture(tensors, "image");
  const { losses, gradient } = await evaluateObjective({
    networkPath: NETWORK,
    image,
    content: image,
    style: picture(tensors, "style"),
    settings: {
      styleLoss,
      styleLayers: ["relu1_1", "relu2_1", "relu3_1"],
      pooling: "avg",
      contentWeight: 0,
      styleWeight: 1,
    },
  });
  expect(relativeError([losses.total], tensors.get(`value.${styleLoss}`).values)).toBeLessThan(TOLERANCE.value);
  expect(relativeError(gradient, tensors.get(`gradient.${styleLoss}`).values)).toBeLessThan(TOLERANCE.gradient);
});
