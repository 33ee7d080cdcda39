// The panel's losses and gradient, by TensorFlow.js on the CPU, against an independent float64 PyTorch reference.
// WebGL is held against the native engine by its contract (contract.ts), and against the reference itself by
// vectors.slow.test.ts: software rendering compiles long for the deeper layers.

import { expect, test } from "vitest";
import { offerBackends } from "../../../../../ui/engines/panel/backends/backend.ts";
import { cpuBackend } from "../cpu-backend.ts";
import * as engine from "../evaluate.ts";
import { expectAgreement, slopeRatio } from "../vector-check.ts";

offerBackends([cpuBackend()]);

test("square-avg agrees to 1e-4", async () => {
  await expectAgreement(engine, "square-avg");
});

test("the gradient of Wasserstein-2 is the slope of its value", async () => {
  const ratio = await slopeRatio(engine, { styleLoss: "w2", padding: "zero", pooling: "avg", tv: "l2" });
  expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
});
