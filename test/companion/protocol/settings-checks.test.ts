// Combinations that some way to paint has no use for: refused in one sentence, with the remedy.

import { expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { checkMethod, checkPanel, checkStyles, companionOnly } from "../../../companion/protocol/settings-checks.ts";

test.each([
  [{ photoreal: "matting" }, /Photoreal by matting needs the companion/, { photoreal: "guided" }],
  [{ styleLoss: "w2,patches:0.5" }, /Style statistic patches needs the companion/, { styleLoss: "w2" }],
  [{ styleLoss: "nearest" }, /Style statistic nearest needs the companion/, { styleLoss: "w2" }],
] as const)("the panel by itself refuses %j", (change, message, instead) => {
  const settings = { ...DEFAULT_SETTINGS, ...change };
  expect(companionOnly(settings)).not.toBeNull();
  expect(() => checkPanel(settings)).toThrow(message);
  expect(() => checkPanel({ ...settings, ...instead })).not.toThrow();
});

test("matting is for optimized pictures: a quick one names what it can do instead", () => {
  const settings = { ...DEFAULT_SETTINGS, quality: "quick", photoreal: "matting" } as const;
  expect(() => checkMethod(settings)).toThrow(/by guided, not by matting/);
  expect(() => checkMethod({ ...settings, photoreal: "guided" })).not.toThrow();
  expect(() => checkMethod({ ...settings, quality: "draft" })).not.toThrow();
});

const colors = { weight: 1, layers: ["relu1_1", "relu2_1"] };
const whole = { weight: 1 };

test.each([
  ["a layer that is not among the style layers", {}, [whole, { weight: 1, layers: ["relu1_2"] }], /relu1_2, which is/],
  ["layers without a style", {}, [colors], /No style is given for relu3_1, relu4_1, relu5_1/],
  ["layers whose only style has no weight", {}, [colors, { weight: 0 }], /No style is given for relu3_1/],
  ["a model", { model: "mosaic" }, [colors], /as a whole/],
] as const)("styles for single layers are refused with %s", (_, change, styles, message) => {
  expect(() => checkStyles({ ...DEFAULT_SETTINGS, ...change }, styles)).toThrow(message);
});

test("styles for single layers are fine where every layer has one", () => {
  const rest = { weight: 1, layers: ["relu3_1", "relu4_1", "relu5_1"] };
  expect(() => checkStyles(DEFAULT_SETTINGS, [whole, colors])).not.toThrow();
  expect(() => checkStyles(DEFAULT_SETTINGS, [rest, colors])).not.toThrow();
});
