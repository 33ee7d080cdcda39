// The WebGL engine's losses and gradient against an independent float64 PyTorch reference; the other sizes and terms
// stand in vectors.slow.test.ts.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, SWIFTSHADER } from "../../../../setup/browser.ts";
import { expectAgreement, openParts, slopeRatio } from "../vector-check.ts";

describe("the WebGL engine against the reference", () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser(SWIFTSHADER);
    page = await browser.newPage();
    await openParts(page, ["webgl"]);
  }, 60_000);
  afterAll(() => browser?.close());

  test("square-avg agrees to 1e-4", async () => {
    expect(await expectAgreement(page, "square-avg")).toBe("webgl");
  }, 60_000);

  test("the gradient of Wasserstein-2 is the slope of its value", async () => {
    const ratio = await slopeRatio(page, { styleLoss: "w2", padding: "zero", pooling: "avg", tv: "l2" });
    expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
  }, 60_000);
});
