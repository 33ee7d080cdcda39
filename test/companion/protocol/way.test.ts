// Which settings are painted from a quick picture.

import { expect, test } from "vitest";
import { DEFAULT_SETTINGS, type Settings } from "../../../companion/protocol/settings.ts";
import { MANY_PICTURES, settingsForMany, wayOf } from "../../../companion/protocol/way.ts";

const settingsWith = (given: Partial<Settings> = {}): Settings => ({ ...DEFAULT_SETTINGS, ...given });

test.each<[string, Partial<Settings>]>([
  ["standard", {}],
  [
    "standard at any size, strength and stroke size, with kept colors",
    { size: 900, strength: 80, styleScale: 2, colors: "keep" },
  ],
  ["a guided photoreal look", { photoreal: "guided" }],
  ["quick", { quality: "quick" }],
  ["fine where that is asked for", { quality: "fine", init: "quick" }],
])("%s begins with a quick picture", (_, settings) => {
  expect(wayOf(settingsWith(settings))).toBe("quick");
});

test.each<[string, Partial<Settings>]>([
  ["fine", { quality: "fine" }],
  ["draft", { quality: "draft" }],
  ["what starts elsewhere", { init: "content" }],
  ["a time budget", { budget: 30 }],
  ["a seamless result", { seamless: "both" }],
  ["matting", { photoreal: "matting" }],
  ["another statistic", { styleLoss: "gram" }],
  ["other layers", { styleLayers: ["relu1_1"] }],
  ["a schedule of its own", { iterations: 60 }],
  ["a network of others", { model: "mosaic" }],
])("%s does not", (_, settings) => {
  expect(wayOf(settingsWith(settings))).toBe("optimize");
});

test("many pictures are painted quick, unless a quality or something that a quick picture cannot be is asked for", () => {
  const ofMany = (given: Partial<Settings>, count = MANY_PICTURES + 1) => settingsForMany(given, count);
  expect(ofMany({ strength: 70 })).toEqual({ strength: 70, quality: "quick" });
  for (const given of [
    { quality: "standard" },
    { seamless: "both" },
    { network: "vgg19" },
    { styleLoss: "gram" },
  ] as const) {
    expect(ofMany(given)).toEqual(given);
  }
  expect(ofMany({}, MANY_PICTURES)).toEqual({});
});
