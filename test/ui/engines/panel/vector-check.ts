// The engine's losses and gradient against an independent float64 PyTorch reference, on whichever backend a page uses.

import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { SETTINGS, type Settings } from "../../../../companion/protocol/settings.ts";
import { parseTerms } from "../../../../companion/protocol/terms.ts";
import { readSafetensors, type Tensors } from "../../../native/support/safetensors.ts";
import { bundle } from "../open-page.ts";
import type { EvaluateOnce } from "./evaluate.ts";

export const VECTORS = new URL("../../../vectors/", import.meta.url);
/** ‖g − g_ref‖ / ‖g_ref‖ of float32 on every engine. */
const TOLERANCE = 1e-4;

export function picture(tensors: Tensors, name: string) {
  const { shape, values } = tensors.get(name);
  return { height: shape[1] as number, width: shape[2] as number, data: [...values] };
}

/** ‖a − b‖ / ‖b‖; NaN stays NaN so that a comparison with it fails. */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  const norm = (values: readonly number[]) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
  const reference = Array.from(b);
  return norm(reference.map((x, i) => (a[i] as number) - x)) / norm(reference);
}

/** What evaluate.ts offers, wherever it runs. */
export type Engine = Pick<typeof import("./evaluate.ts"), "evaluateOnce" | "slopeRatio">;

/** Puts the engine's parts into the page and chooses what they run on. */
export async function openParts(page: Page, backends: readonly ("webgl" | "webgpu")[]): Promise<void> {
  page.on("console", (message) => console.log(message.text()));
  await page.addScriptTag({ content: await bundle("test/ui/engines/panel/page.ts") });
  await call(page, "use", backends);
}

/** Calls one of the functions that page.ts or engine-page.ts offers. */
export function call<T>(page: Page, name: string, argument: unknown): Promise<T> {
  return page.evaluate(
    ([what, value]) =>
      (globalThis as unknown as Record<string, (v: unknown) => Promise<never>>)[what as string]?.(value),
    [name, argument] as const,
  ) as Promise<T>;
}

/** In the page, on the backend that it uses. */
export function inPage(page: Page): Engine {
  return {
    evaluateOnce: (request) => call(page, "evaluateOnce", request),
    slopeRatio: (request) => call(page, "slopeRatio", request),
  };
}

/** Fails unless losses, Gram matrices and gradient of test/vectors/NAME agree to 1e-4 and nothing is left on the GPU. Resolves with the backend that computed. */
export async function expectAgreement(engine: Engine, name: string): Promise<string> {
  const vectors = readSafetensors(new URL(`${name}.safetensors`, VECTORS));
  const { pool, style_weight, content_weight, tv_weight, tv_norm, style_layers, content_layers } = vectors.metadata;
  const styleLayers: string[] = JSON.parse(style_layers as string);
  const contentLayers: string[] = JSON.parse(content_layers as string);
  const result = await engine.evaluateOnce({
    network: readFileSync(new URL("vgg19-eighth.safetensors", VECTORS)).toString("base64"),
    image: picture(vectors, "image"),
    content: picture(vectors, "content_image"),
    style: picture(vectors, "style_image"),
    settings: {
      styleLayers,
      contentLayers,
      contentLoss: "features",
      detail: 0,
      styleLoss: "gram",
      tv: tv_norm,
      pooling: pool,
      padding: "zero",
    } as EvaluateOnce["settings"],
    weights: {
      content: Number(content_weight),
      style: Number(style_weight),
      tv: Number(tv_weight),
      contentLayers: contentLayers.map(() => 1),
      styleLayers: styleLayers.map(() => 1),
      contentTerms: [1],
      styleTerms: [1],
    },
  });
  const { losses, gradient, grams, leaked, milliseconds, capabilities } = result;
  expect(capabilities.float32).toBe(true);
  const image = vectors.get("image");
  const [, height, width] = image.shape as [number, number, number];
  const reference = vectors.get("gradient").values;
  const interleaved = Array.from(
    reference,
    (_, i) => reference[(i % 3) * height * width + Math.floor(i / 3)] as number,
  );
  console.log(name, "gradient", relativeError(gradient, interleaved), "ms", milliseconds);
  for (const layer of styleLayers) {
    expect(relativeError(grams[layer] as number[], vectors.get(`gram.${layer}`).values)).toBeLessThan(TOLERANCE);
    expect(
      relativeError([losses.styleLayers[layer] as number], vectors.get(`loss.style.${layer}`).values),
    ).toBeLessThan(TOLERANCE);
  }
  for (const layer of contentLayers) {
    expect(
      relativeError([losses.contentLayers[layer] as number], vectors.get(`loss.content.${layer}`).values),
    ).toBeLessThan(TOLERANCE);
  }
  expect(relativeError([losses.total], vectors.get("total").values)).toBeLessThan(TOLERANCE);
  expect(relativeError(gradient, interleaved)).toBeLessThan(TOLERANCE);
  expect(leaked).toBe(0);
  return capabilities.backend;
}

/** Slope of the objective along its gradient by central differences, over the gradient's squared norm: 1 when they agree. */
export function slopeRatio(
  engine: Engine,
  settings: Pick<Settings, "styleLoss" | "padding" | "pooling" | "tv"> & Partial<Settings>,
  weights = { content: 1, style: 1, tv: 0.1 },
): Promise<number> {
  const vectors = readSafetensors(new URL("min-max.safetensors", VECTORS));
  return engine.slopeRatio({
    epsilon: 0.01,
    network: readFileSync(new URL("vgg19-eighth.safetensors", VECTORS)).toString("base64"),
    image: picture(vectors, "image"),
    content: picture(vectors, "content_image"),
    style: picture(vectors, "style_image"),
    settings: {
      styleLayers: ["relu1_1", "relu2_2", "relu3_1"],
      contentLayers: ["relu3_1"],
      contentLoss: "features",
      detail: 0,
      ...settings,
    },
    weights: {
      ...weights,
      contentLayers: [1],
      styleLayers: [1, 2, 0.5],
      contentTerms: [1],
      styleTerms: parseTerms(settings.styleLoss, SETTINGS.styleLoss.choices).map(({ weight }) => weight),
    },
  });
}
