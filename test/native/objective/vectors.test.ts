// Losses, Gram matrices and gradient against an independent float64 PyTorch reference, on the CPU and,
// for the smallest, on WebGPU over SwiftShader.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { type Settings, SETTINGS } from "../../../companion/protocol/settings.ts";
import { loadAddon } from "../../../native/load.ts";
import { evaluateObjective, relativeError } from "../support/objective.ts";
import { readSafetensors, type Tensors } from "../support/safetensors.ts";

const VECTORS = new URL("../../vectors/", import.meta.url);
const NETWORK = fileURLToPath(new URL("vgg19-eighth.safetensors", VECTORS));
/** Of float32 on every engine (measured: 2e-6). */
const TOLERANCE = 1e-4;
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

function picture(tensors: Tensors, name: string): Picture {
  const { shape, values } = tensors.get(name);
  return { channels: 3, height: shape[1] as number, width: shape[2] as number, data: Float32Array.from(values) };
}

function settingsOf({ metadata }: Tensors): Partial<Settings> {
  const choice = <T extends string>(choices: readonly T[], value: string | undefined): T => {
    const found = choices.find((one) => one === value);
    if (found === undefined) throw new Error(`${value} is none of ${choices.join(", ")}`);
    return found;
  };
  return {
    pooling: choice(SETTINGS.pooling.choices, metadata.pool),
    tv: choice(SETTINGS.tv.choices, metadata.tv_norm),
    tvWeight: Number(metadata.tv_weight),
    styleWeight: Number(metadata.style_weight),
    contentWeight: Number(metadata.content_weight),
    styleLayers: JSON.parse(metadata.style_layers ?? "[]"),
    contentLayers: JSON.parse(metadata.content_layers ?? "[]"),
  };
}

async function compare(name: string, device: Settings["device"]): Promise<void> {
  const tensors = readSafetensors(new URL(`${name}.safetensors`, VECTORS));
  const expected = (tensor: string) => tensors.get(tensor).values;
  const settings = settingsOf(tensors);
  const { losses, gradient, grams } = await evaluateObjective({
    networkPath: NETWORK,
    image: picture(tensors, "image"),
    content: picture(tensors, "content_image"),
    style: picture(tensors, "style_image"),
    settings: { ...settings, device },
  });
  expect(relativeError(gradient, expected("gradient")), "gradient").toBeLessThan(TOLERANCE);
  expect(relativeError([losses.total], expected("total")), "total").toBeLessThan(TOLERANCE);
  for (const [layer, loss] of Object.entries(losses.contentLayers)) {
    expect(relativeError([loss], expected(`loss.content.${layer}`)), layer).toBeLessThan(TOLERANCE);
  }
  expect(Object.keys(losses.styleLayers)).toEqual(settings.styleLayers);
  for (const [layer, loss] of Object.entries(losses.styleLayers)) {
    expect(relativeError([loss], expected(`loss.style.${layer}`)), layer).toBeLessThan(TOLERANCE);
    expect(relativeError(grams[layer] ?? [], expected(`gram.${layer}`)), `gram ${layer}`).toBeLessThan(TOLERANCE);
  }
}

describe("the native objective agrees with PyTorch", () => {
  test.each(["min-max", "odd-max", "square-avg", "wide-avg"])("on the CPU: %s", (name) => compare(name, "cpu"));

  test("on WebGPU over SwiftShader: min-max", async (context) => {
    if (process.platform !== "linux" || !existsSync(SWIFTSHADER)) {
      context.skip(`${SWIFTSHADER} is not there (Debian: apt-get install chromium libvulkan1)`);
    }
    process.env.VK_DRIVER_FILES = SWIFTSHADER;
    await compare("min-max", "webgpu");
    loadAddon().dropIdleObjectives();
  }, 300_000);
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
