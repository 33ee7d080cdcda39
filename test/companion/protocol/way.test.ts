// Which requests are painted from a quick picture.

import { expect, test } from "vitest";
import type { RequestOf } from "../../../companion/protocol/request.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../companion/protocol/settings.ts";
import { MANY_PICTURES, settingsForMany, wayOf } from "../../../companion/protocol/way.ts";

const request = (settings: Partial<Settings> = {}): RequestOf<string> => ({
  content: "content.png",
  styles: [{ picture: "style.jpg", weight: 1 }],
  settings: { ...DEFAULT_SETTINGS, ...settings },
});

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
  expect(wayOf(request(settings))).toBe("quick");
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
  expect(wayOf(request(settings))).toBe("optimize");
});

test("a style for some layers alone does not, which a quick picture takes as a whole; one for a region does", () => {
  const plain = request();
  const style = { picture: "style.jpg", weight: 1 };
  expect(wayOf({ ...plain, styles: [style, { ...style, layers: ["relu1_1"] }] })).toBe("optimize");
  expect(wayOf({ ...plain, protect: "face.png", styles: [{ ...style, region: "sky.png" }] })).toBe("quick");
});

test("many pictures are painted quick, unless a quality or something that a quick picture cannot be is asked for", () => {
  const { settings: _, ...pictures } = request();
  const ofMany = (given: Partial<Settings>, count = MANY_PICTURES + 1) => settingsForMany(given, pictures, count);
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
  expect(settingsForMany({}, { ...pictures, protect: "face.png" }, 100)).toEqual({ quality: "quick" });
});
