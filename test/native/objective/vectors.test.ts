// Losses, Gram matrices and gradient against an independent float64 PyTorch reference, on the CPU; WebGPU over
// SwiftShader has a minute of its own (webgpu.slow.test.ts).

import { describe, expect, test } from "vitest";
import { loadAddon } from "../../../native/binding/load.ts";
import { relativeError } from "../support/objective.ts";
import { readSafetensors } from "../support/safetensors.ts";
import { expectAgreement, NETWORK, picture, TOLERANCE, VECTORS } from "../support/vectors.ts";

describe("the native objective agrees with PyTorch", () => {
  test.each(["min-max", "odd-max", "square-avg", "wide-avg"])("on the CPU: %s", (name) => expectAgreement(name, "cpu"));
});

test("the canonical losses that `impasto evaluate` prints agree with PyTorch", async () => {
  const tensors = readSafetensors(new URL("odd-max.safetensors", VECTORS));
  const canonical = await loadAddon().evaluate({
    networkPath: NETWORK,
    image: picture(tensors, "image"),
    content: picture(tensors, "content_image"),
    style: picture(tensors, "style_image"),
    pooling: "max",
    styleLayers: ["relu1_1", "relu3_1", "relu5_1"],
    contentLayers: ["relu4_2"],
    threads: 0,
  });
  const printed: Record<string, number | undefined> = {
    "loss.content.relu4_2": canonical.content.relu4_2,
    "loss.style.relu1_1": canonical.style.relu1_1,
    "loss.style.relu3_1": canonical.style.relu3_1,
    "loss.style.relu5_1": canonical.style.relu5_1,
    "loss.tv_l1": canonical.tv_l1,
    "loss.tv_l2": canonical.tv_l2,
  };
  for (const [name, value] of Object.entries(printed)) {
    expect(relativeError([value ?? Number.NaN], tensors.get(name).values), name).toBeLessThan(TOLERANCE);
  }
});
