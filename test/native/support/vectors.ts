// Losses, Gram matrices and gradient of test/vectors, an independent float64 PyTorch reference.

import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { SETTINGS, type Settings } from "../../../companion/protocol/settings.ts";
import { evaluateObjective, relativeError } from "./objective.ts";
import { readSafetensors, type Tensors } from "./safetensors.ts";

export const VECTORS = new URL("../../vectors/", import.meta.url);
export const NETWORK = fileURLToPath(new URL("vgg19-eighth.safetensors", VECTORS));
/** Of float32 on every engine (measured: 2e-6). */
export const TOLERANCE = 1e-4;

export function picture(tensors: Tensors, name: string): Picture {
  const { shape, values } = tensors.get(name);
  return { channels: 3, height: shape[1] as number, width: shape[2] as number, data: Float32Array.from(values) };
}

export function settingsOf({ metadata }: Tensors): Partial<Settings> {
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

/** Fails unless the native engine on that device agrees with test/vectors/NAME to 1e-4. */
export async function expectAgreement(name: string, device: Settings["device"]): Promise<void> {
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

/** A Vulkan driver that is a CPU; comes with Debian's chromium. */
export const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
export const NO_SWIFTSHADER = `${SWIFTSHADER} is not there (Debian: apt-get install chromium libvulkan1)`;
