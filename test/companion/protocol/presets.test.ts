// Presets: settings that hold, each told from the others, over the defaults and under what stands on top.

import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  PRESET_NAMES,
  PRESETS,
  parsePreset,
  presetNamed,
  presetOf,
  withPreset,
} from "../../../companion/protocol/presets.ts";
import { DEFAULT_SETTINGS, QUALITIES } from "../../../companion/protocol/settings.ts";
import { checkLayerWeights, checkMethod } from "../../../companion/protocol/settings-checks.ts";

describe("presets", () => {
  test("are the files of their folder", () => {
    const files = readdirSync(new URL("../../../companion/protocol/presets/", import.meta.url));
    expect(files.sort()).toEqual(PRESET_NAMES.map((name) => `${name}.json`).sort());
  });

  test.each(PRESETS.map((preset) => [preset.name, preset] as const))(
    "%s is whole, and its settings agree",
    (_, preset) => {
      const { title, about, source, weights, differs } = preset;
      for (const text of [title, about, source, weights, differs]) expect(text).toMatch(/^\S.+\S$/);
      const settings = withPreset(DEFAULT_SETTINGS, preset);
      checkLayerWeights(settings);
      checkMethod(settings);
      expect(QUALITIES[settings.quality].method).toBe("optimize");
    },
  );

  test("are told by settings, also with strength, strokes, size and colors and quality turned on top", () => {
    expect(presetOf(DEFAULT_SETTINGS)).toBeNull();
    for (const preset of PRESETS) {
      const settings = withPreset(DEFAULT_SETTINGS, preset);
      expect(presetOf(settings)?.name).toBe(preset.name);
      expect(
        presetOf({ ...settings, strength: 12, styleScale: 2, size: 300, colors: "keep", quality: "draft" })?.name,
      ).toBe(preset.name);
    }
    expect(presetOf({ ...DEFAULT_SETTINGS, tvWeight: 77 })).toBeUndefined();
  });

  test("follow each other without leaving anything behind, and leave device and network alone", () => {
    const before = { ...DEFAULT_SETTINGS, device: "cpu", network: "vgg19" } as const;
    const noisy = withPreset(before, presetNamed("isotton-munafo"));
    expect(noisy).toMatchObject({ init: "noise", optimizer: "adam", device: "cpu", network: "vgg19" });
    expect(withPreset(noisy, presetNamed("deep-content"))).toMatchObject({ init: null, optimizer: "lbfgs" });
    expect(withPreset(noisy, null)).toEqual(before);
  });
});

describe("a preset's file", () => {
  test("holds settings beside words, or alone", () => {
    expect(parsePreset({ title: "Mine", settings: { strength: 30 } })).toEqual({ strength: 30 });
    expect(parsePreset({ strength: 30 })).toEqual({ strength: 30 });
  });

  test("BAD CALL - names what it does not know", () => {
    expect(() => parsePreset({ settings: { stregth: 30 } })).toThrow(/no setting named "stregth"/);
    expect(() => parsePreset([1])).toThrow(/Expected an object of settings/);
    expect(() => presetNamed("gatys")).toThrow(/no preset named "gatys"/);
  });
});
