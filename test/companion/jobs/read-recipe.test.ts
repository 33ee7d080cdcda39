// Recipes that somebody else wrote: what they ask for is held against the table of settings.

import { describe, expect, test } from "vitest";
import { makeRecipe } from "../../../companion/jobs/make-recipe.ts";
import { readRecipe, requireRecipe } from "../../../companion/jobs/read-recipe.ts";
import { embedPngText, RECIPE_KEYWORD } from "../../../companion/pictures/png-text.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { resolveSettings } from "../../../companion/protocol/sizing.ts";
import { styleToContentRatio } from "../../../companion/protocol/strength.ts";
import { wayOf } from "../../../companion/protocol/way.ts";
import { makePng } from "../support/pictures.ts";

const sha256 = "0".repeat(64);
const good = makeRecipe({
  request: {
    content: { sha256 },
    styles: [{ picture: { sha256, name: "painting.jpg" }, weight: 2 }],
    settings: DEFAULT_SETTINGS,
  },
  changes: [{ iteration: 3, settings: { strength: 70 } }],
  resumed: false,
  threads: 2,
  network: { name: "vgg19-slim", sha256 },
  versions: {},
  result: { iterations: 10, stopped: false, device: "cpu" },
});
const plain = makePng(32, 32, () => [1, 2, 3]);

function png(recipe: unknown): Uint8Array {
  return embedPngText(plain, RECIPE_KEYWORD, JSON.stringify(recipe));
}

test("A recipe is followed with the device, the threads and the network that it was carried out with", () => {
  const { recipe, settings } = requireRecipe(png(good), "a.png");
  expect(recipe).toEqual(good);
  expect(settings).toEqual({ ...DEFAULT_SETTINGS, device: "cpu", threads: 2, network: "vgg19-slim" });
});

test("A recipe from before there were regions is read in today's form", () => {
  const settings = { ...good.settings, quality: "fine" };
  const old = {
    ...good,
    settings,
    version: 1,
    inputs: { content: { sha256 }, styles: [{ sha256, name: "painting.jpg", weight: 2 }] },
  };
  expect(requireRecipe(png(old), "a.png").recipe).toEqual({ ...good, settings });
  const weightless = { ...old, inputs: { content: { sha256 }, styles: [{ sha256 }] } };
  expect(readRecipe(png(weightless))?.inputs.styles).toEqual([{ picture: { sha256 }, weight: 1 }]);
});

test("A quick recipe from when strength meant less to it asks for the same weights and as many updates of the draft", () => {
  const settings = { ...DEFAULT_SETTINGS, quality: "quick", strength: 80, firstIterations: null } as const;
  const old = { ...good, version: 2, settings };
  const { recipe } = requireRecipe(png(old), "a.png");
  expect([recipe.version, recipe.settings.firstIterations, recipe.settings.middleIterations]).toEqual([4, 20, 0]);
  const resolved = resolveSettings(recipe.settings, { width: 64, height: 64 });
  expect(resolved.draftStyleToContent).toBeCloseTo(styleToContentRatio(80), 9);
  expect(resolved.detailShare).toBe(1);
  const changed = resolveSettings({ ...recipe.settings, ...recipe.changes[0]?.settings }, { width: 64, height: 64 });
  expect(changed.draftStyleToContent).toBeCloseTo(styleToContentRatio(70), 9);
  const byHand = { ...old, settings: { ...settings, firstIterations: 7 } };
  expect(requireRecipe(png(byHand), "a.png").settings.firstIterations).toBe(7);
  const optimized = { ...old, settings: { ...settings, quality: "fine" } };
  expect(requireRecipe(png(optimized), "a.png").settings.strength).toBe(80);
});

test("A recipe from when strength meant less to all that begins with a quick picture asks for what it did", () => {
  const content = { width: 512, height: 384 };
  const settings = { ...DEFAULT_SETTINGS, strength: 40 };
  const { recipe } = requireRecipe(png({ ...good, version: 3, settings }), "a.png");
  expect(wayOf(recipe.settings)).toBe("quick");
  const resolved = resolveSettings(recipe.settings, content, "quick");
  expect(resolved).toMatchObject({ firstIterations: 15, middleIterations: 0, iterations: 20 });
  expect(resolved.styleToContent).toBeCloseTo(styleToContentRatio(40), 9);
  expect(resolved.draftStyleToContent).toBeCloseTo(4 ** 1.5 * styleToContentRatio(40), 9);
  expect(resolved.detailShare).toBeCloseTo(40 / 60, 9);
  // Its change to 70, whose detail carried all of the style's statistics.
  const changed = resolveSettings({ ...recipe.settings, ...recipe.changes[0]?.settings }, content, "quick");
  expect([changed.styleToContent, changed.detailShare]).toEqual([expect.closeTo(styleToContentRatio(70), 9), 1]);
  const fine = requireRecipe(png({ ...good, version: 3, settings: { ...settings, quality: "fine" } }), "a.png");
  expect(fine.settings).toMatchObject({ strength: 40, carryShare: null, firstIterations: null, init: null });
});

describe("BAD CALL - a recipe is refused in the words of the settings table", () => {
  const { settings } = good;
  const cases: [string, unknown, string][] = [
    ["too many threads", { ...good, threads: 1e9 }, "Expected a whole number from 1 to 256 for threads"],
    ["no threads", { ...good, threads: 0 }, "Expected a whole number from 1 to 256 for threads but received 0."],
    ["an unknown device", { ...good, device: "../x" }, "Expected one of auto, cpu, webgpu, coreml, dml, cuda"],
    ["a name without end", { ...good, network: { name: "x".repeat(5000), sha256 } }, "Expected a name for network"],
    ["too large a size", { ...good, settings: { ...settings, size: 99_999 } }, "from 32 to 16384 for size"],
    ["an unknown setting", { ...good, settings: { ...settings, rm: 1 } }, 'There is no setting named "rm".'],
    [
      "a start from no picture",
      { ...good, settings: { ...settings, init: "image" } },
      "Expected a picture to start from",
    ],
    ["no settings", { ...good, settings: [] }, "Expected an object of settings"],
    [
      "a change that no run takes",
      { ...good, changes: [{ iteration: 1, settings: { size: 64 } }] },
      "Size cannot change while a picture is in work.",
    ],
    [
      "weights for other layers",
      { ...good, settings: { ...settings, styleLayerWeights: [1] } },
      "Expected 5 values for styleLayerWeights",
    ],
  ];
  for (const [title, recipe, words] of cases) {
    test(title, () => {
      const refuse = () => requireRecipe(png(recipe), "hostile.png");
      expect(refuse).toThrow(expect.objectContaining({ code: "bad-setting" }));
      expect(refuse).toThrow(`hostile.png cannot be made again: `);
      expect(refuse).toThrow(words);
    });
  }

  test("no recipe, or none that is understood", () => {
    expect(() => requireRecipe(plain, "a.png")).toThrow("a.png carries no recipe.");
    for (const other of [null, [], "x", { ...good, version: 5 }, { ...good, inputs: null }]) {
      expect(() => requireRecipe(png(other), "a.png")).toThrow(
        "a.png carries a recipe that this Impasto cannot follow.",
      );
    }
    expect(() => requireRecipe(embedPngText(plain, RECIPE_KEYWORD, "{"), "a.png")).toThrow("cannot follow");
  });
});
