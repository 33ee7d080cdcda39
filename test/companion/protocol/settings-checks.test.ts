// Combinations that some way to paint has no use for: refused in one sentence, with the remedy.

import { expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { checkMethod, checkPanel, companionOnly } from "../../../companion/protocol/settings-checks.ts";

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
