// The WebGL engine's losses and gradient against an independent float64 PyTorch reference.

import { readFileSync } from "node:fs";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSafetensors, type Tensors } from "../../native/support/safetensors.ts";
import { launchBrowser, SWIFTSHADER } from "../../setup/browser.ts";

const VECTORS = new URL("../../vectors/", import.meta.url);
/** ‖g − g_ref‖ / ‖g_ref‖ of float32 on every engine. */
const TOLERANCE = 1e-4;

function picture(tensors: Tensors, name: string) {
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

describe("the WebGL engine against the reference", () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [new URL("page.ts", import.meta.url).pathname],
      bundle: true,
      write: false,
      format: "iife",
      minify: true,
      target: "es2020",
    });
    browser = await launchBrowser(SWIFTSHADER);
    page = await browser.newPage();
    page.on("console", (message) => console.log(message.text()));
    await page.addScriptTag({ content: (outputFiles[0] as { text: string }).text });
  }, 60_000);
  afterAll(() => browser?.close());

  test.each(["min-max", "odd-max", "square-avg", "wide-avg"])(
    "%s agrees to 1e-4",
    async (name) => {
      const vectors = readSafetensors(new URL(`${name}.safetensors`, VECTORS));
      const { pool, style_weight, content_weight, tv_weight, tv_norm, style_layers, content_layers } = vectors.metadata;
      const styleLayers: string[] = JSON.parse(style_layers as string);
      const contentLayers: string[] = JSON.parse(content_layers as string);
      const result = await page.evaluate(
        (request) => (globalThis as unknown as { evaluateOnce(r: unknown): Promise<unknown> }).evaluateOnce(request),
        {
          network: readFileSync(new URL("vgg19-eighth.safetensors", VECTORS)).toString("base64"),
          image: picture(vectors, "image"),
          content: picture(vectors, "content_image"),
          style: picture(vectors, "style_image"),
          settings: { styleLayers, contentLayers, styleLoss: "gram", tv: tv_norm, pooling: pool, padding: "zero" },
          weights: {
            content: Number(content_weight),
            style: Number(style_weight),
            tv: Number(tv_weight),
            contentLayers: contentLayers.map(() => 1),
            styleLayers: styleLayers.map(() => 1),
          },
        },
      );
      const { losses, gradient, grams, leaked, milliseconds, capabilities } = result as {
        losses: { total: number; contentLayers: Record<string, number>; styleLayers: Record<string, number> };
        gradient: number[];
        grams: Record<string, number[]>;
        leaked: number;
        milliseconds: number;
        capabilities: { float32: boolean };
      };
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
    },
    60_000,
  );

  const every = { content: 1, style: 1, tv: 0.1 };
  const onlyTv = { content: 0, style: 0, tv: 1 };
  test.each([
    { what: "Wasserstein-2", styleLoss: "w2", padding: "zero", pooling: "avg", tv: "l2", weights: every },
    {
      what: "the normalized Gram",
      styleLoss: "gram-normalized",
      padding: "zero",
      pooling: "max",
      tv: "l2",
      weights: every,
    },
    { what: "replicate padding", styleLoss: "gram", padding: "replicate", pooling: "avg", tv: "l2", weights: every },
    { what: "reflect padding", styleLoss: "gram", padding: "reflect", pooling: "avg", tv: "l2", weights: every },
    { what: "9-point smoothness", styleLoss: "gram", padding: "zero", pooling: "avg", tv: "9-point", weights: onlyTv },
    { what: "l1 smoothness", styleLoss: "gram", padding: "zero", pooling: "avg", tv: "l1", weights: onlyTv },
  ])(
    "the gradient of $what is the slope of its value",
    async ({ styleLoss, padding, pooling, tv, weights }) => {
      const vectors = readSafetensors(new URL("min-max.safetensors", VECTORS));
      const ratio = await page.evaluate(
        ({ request, epsilon }) =>
          (globalThis as unknown as { slopeRatio(r: unknown, e: number): Promise<number> }).slopeRatio(
            request,
            epsilon,
          ),
        {
          epsilon: 0.01,
          request: {
            network: readFileSync(new URL("vgg19-eighth.safetensors", VECTORS)).toString("base64"),
            image: picture(vectors, "image"),
            content: picture(vectors, "content_image"),
            style: picture(vectors, "style_image"),
            settings: {
              styleLayers: ["relu1_1", "relu2_2", "relu3_1"],
              contentLayers: ["relu3_1"],
              ...{ styleLoss, tv, pooling, padding },
            },
            weights: { ...weights, contentLayers: [1], styleLayers: [1, 2, 0.5] },
          },
        },
      );
      expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
    },
    60_000,
  );
});
