// The WebGL engine's losses and gradient against an independent float64 PyTorch reference.

import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSafetensors } from "../../native/support/safetensors.ts";
import { launchBrowser, SWIFTSHADER } from "../../setup/browser.ts";
import { type Check, KNOWN_CHECK } from "../../../ui/engines/webgl/self-check.ts";
import { call, expectAgreement, openParts, picture, VECTORS } from "./vector-check.ts";

describe("the WebGL engine against the reference", () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser(SWIFTSHADER);
    page = await browser.newPage();
    await openParts(page, ["webgl"]);
  }, 60_000);
  afterAll(() => browser?.close());

  test.each(["min-max", "odd-max", "square-avg", "wide-avg"])(
    "%s agrees to 1e-4",
    async (name) => {
      expect(await expectAgreement(page, name)).toBe("webgl");
    },
    60_000,
  );

  test("knows the self-check's numbers", async () => {
    const check = await call<Check>(page, "selfCheck", null);
    for (const name of ["total", "gradientNorm", "gradientAlong"] as const) {
      expect(Math.abs(check[name] / KNOWN_CHECK[name] - 1), name).toBeLessThan(1e-4);
    }
  }, 60_000);

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
      const ratio = await call<number>(page, "slopeRatio", {
        epsilon: 0.01,
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
      });
      expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
    },
    60_000,
  );
});
