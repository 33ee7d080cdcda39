// Combinations that some way to paint has no use for: refused in one sentence, with the remedy.

import { expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { checkMethod, checkPanel, needsCompanion } from "../../../companion/protocol/settings-checks.ts";

test("matting is for the companion: the panel by itself says what to do", () => {
  const settings = { ...DEFAULT_SETTINGS, photoreal: "matting" } as const;
  expect(needsCompanion(settings)).toBe(true);
  expect(() => checkPanel(settings)).toThrow(/needs the companion/);
  expect(() => checkPanel({ ...settings, photoreal: "guided" })).not.toThrow();
});

test("matting is for optimized pictures: a quick one names what it can do instead", () => {
  const settings = { ...DEFAULT_SETTINGS, quality: "quick", photoreal: "matting" } as const;
  expect(() => checkMethod(settings)).toThrow(/by guided, not by matting/);
  expect(() => checkMethod({ ...settings, photoreal: "guided" })).not.toThrow();
  expect(() => checkMethod({ ...settings, quality: "draft" })).not.toThrow();
});
