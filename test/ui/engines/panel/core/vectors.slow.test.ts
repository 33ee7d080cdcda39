// The WebGL engine against the float64 reference, at every size and term by term.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Check, KNOWN_CHECK } from "../../../../../ui/engines/panel/backends/self-check.ts";
import { launchBrowser, SWIFTSHADER } from "../../../../setup/browser.ts";
import { call, expectAgreement, inPage, openParts, slopeRatio } from "../vector-check.ts";

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser(SWIFTSHADER);
  page = await browser.newPage();
  await openParts(page, ["webgl"]);
});
afterAll(() => browser?.close());

test.each(["min-max", "odd-max", "square-avg", "wide-avg"])("%s agrees to 1e-4", async (name) => {
  expect(await expectAgreement(inPage(page), name)).toBe("webgl");
});

test("the self-check's numbers are those of a sound engine", async () => {
  const check = await call<Check>(page, "selfCheck", null);
  for (const name of ["total", "gradientNorm", "gradientAlong"] as const) {
    expect(Math.abs(check[name] / KNOWN_CHECK[name] - 1), name).toBeLessThan(1e-4);
  }
});

const ONLY_TV = { content: 0, style: 0, tv: 1 };
test.each([
  { what: "Wasserstein-2", styleLoss: "w2", padding: "zero", pooling: "avg", tv: "l2" },
  { what: "the normalized Gram", styleLoss: "gram-normalized", padding: "zero", pooling: "max", tv: "l2" },
  { what: "replicate padding", styleLoss: "gram", padding: "replicate", pooling: "avg", tv: "l2" },
  { what: "reflect padding", styleLoss: "gram", padding: "reflect", pooling: "avg", tv: "l2" },
  { what: "9-point smoothness", styleLoss: "gram", padding: "zero", pooling: "avg", tv: "9-point", weights: ONLY_TV },
  { what: "l1 smoothness", styleLoss: "gram", padding: "zero", pooling: "avg", tv: "l1", weights: ONLY_TV },
] as const)("the gradient of $what is the slope of its value", async ({ weights, styleLoss, padding, pooling, tv }) => {
  const ratio = await slopeRatio(inPage(page), { styleLoss, padding, pooling, tv }, weights);
  expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
});
