// Losses, Gram matrices and gradient on WebGPU over SwiftShader, for the smallest of test/vectors.

import { existsSync } from "node:fs";
import { test } from "vitest";
import { loadAddon } from "../../../native/binding/load.ts";
import { expectAgreement, NO_SWIFTSHADER, SWIFTSHADER } from "../support/vectors.ts";

test("the native objective on WebGPU over SwiftShader agrees with PyTorch: min-max", async (context) => {
  if (!existsSync(SWIFTSHADER)) {
    context.skip(NO_SWIFTSHADER);
  }
  process.env.VK_DRIVER_FILES = SWIFTSHADER;
  await expectAgreement("min-max", "webgpu");
  loadAddon().dropIdleObjectives();
}, 300_000);
