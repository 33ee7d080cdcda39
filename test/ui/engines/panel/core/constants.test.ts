// The panel's engine descends as the native one does: their constants are the same numbers, in two languages.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TOPOLOGIES } from "../../../../../companion/protocol/layers.ts";

const ROOT = new URL("../../../../../", import.meta.url);
const text = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

/** The number that a file gives a constant. */
function numberOf(path: string, name: string): number {
  const found = new RegExp(`\\b${name} = ([-0-9.e]+)`).exec(text(path))?.[1];
  expect(found, `${name} in ${path}`).toBeDefined();
  return Number(found);
}

/** Stem, then the constant in C++ and in TypeScript. */
const OPTIMIZER = "optimizer.ts";
const PAIRS = [
  ["optimize/lbfgs.cc", "kFirstStep", OPTIMIZER, "FIRST_STEP"],
  ["optimize/lbfgs.cc", "kLargestStep", OPTIMIZER, "LARGEST_STEP"],
  ["optimize/lbfgs.cc", "kArmijo", OPTIMIZER, "ARMIJO"],
  ["optimize/lbfgs.cc", "kRounding", OPTIMIZER, "ROUNDING"],
  ["optimize/lbfgs.cc", "kSmoothingLevels", OPTIMIZER, "SMOOTHING_LEVELS"],
  ["optimize/lbfgs.cc", "kSmoothingWeight", OPTIMIZER, "SMOOTHING_WEIGHT"],
  ["optimize/lbfgs.cc", "kTrials", OPTIMIZER, "TRIALS"],
  ["optimize/adam.cc", "kBeta1", OPTIMIZER, "BETA1"],
  ["optimize/adam.cc", "kBeta2", OPTIMIZER, "BETA2"],
  ["optimize/adam.cc", "kEpsilon", OPTIMIZER, "EPSILON"],
  ["objective/wasserstein_loss.cc", "kRidge", "wasserstein-loss.ts", "RIDGE"],
  ["objective/wasserstein_loss.cc", "kSmallestRidge", "wasserstein-loss.ts", "SMALLEST_RIDGE"],
  ["objective/wasserstein_loss.cc", "kSmallestRoot", "wasserstein-loss.ts", "SMALLEST_ROOT"],
  ["objective/wasserstein_loss.cc", "kIterations", "wasserstein-loss.ts", "NEWTON_SCHULZ_ITERATIONS"],
  ["optimize/schedule.h", "kFixedPixels", "schedule.ts", "FIXED_PIXELS"],
  ["optimize/schedule.h", "kLatest", "schedule.ts", "LATEST"],
  ["optimize/schedule.h", "kEnough", "schedule.ts", "ENOUGH"],
  ["image/canvas.h", "kCanvasMargin", "canvas.ts", "MARGIN"],
] as const;

describe("constants of the two engines", () => {
  test.each(PAIRS)("native/%s: %s is that of the panel's %s", (native, name, panel, ownName) => {
    expect(numberOf(`ui/engines/panel/core/${panel}`, ownName)).toBe(numberOf(`native/${native}`, name));
  });

  test.each([
    ["kVgg16", "vgg16"],
    ["kVgg19", "vgg19"],
  ] as const)("native/network/network.cc: %s is the protocol's %s", (native, topology) => {
    const counts = new RegExp(`${native}\\[\\] = \\{([^}]*)\\}`).exec(text("native/network/network.cc"))?.[1];
    expect(counts?.split(",").map(Number)).toEqual([...TOPOLOGIES[topology]]);
  });

  test("native/optimize/schedule.h: kSmallestSide is the protocol's MIN_SIDE_PX", () => {
    expect(numberOf("companion/protocol/limits.ts", "MIN_SIDE_PX")).toBe(
      numberOf("native/optimize/schedule.h", "kSmallestSide"),
    );
  });
});
