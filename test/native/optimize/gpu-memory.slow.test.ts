// A GPU's own memory, as far as a software renderer has one: SwiftShader says 2 GB.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { plan } from "../../../native/binding/binding.ts";
import { loadAddon } from "../../../native/binding/load.ts";
import { smallRequest } from "../support/run.ts";
import { NO_SWIFTSHADER, SWIFTSHADER } from "../support/vectors.ts";

const networkPath = fileURLToPath(new URL("../../../native/networks/vgg19-slim.safetensors", import.meta.url));

test("on a GPU whose memory is too small for the picture at once it is planned in tiles", async (context) => {
  if (!existsSync(SWIFTSHADER)) context.skip(NO_SWIFTSHADER);
  process.env.VK_DRIVER_FILES = SWIFTSHADER;
  const tileOn = async (device: "cpu" | "webgpu") => {
    const { settings } = smallRequest({ device, size: 2560, minScale: 2560, memory: 8 });
    const made = await plan({ content: { width: 2560, height: 1920 }, styles: [], settings, networkPath });
    expect(made.device).toBe(device);
    return made.scales.at(-1)?.tile;
  };
  expect(await tileOn("cpu")).toBe(0);
  expect(await tileOn("webgpu")).toBeGreaterThan(0);
  loadAddon().dropIdleObjectives();
});
