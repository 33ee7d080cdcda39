// Every choice of every setting that both engines have, and a value off the default of every number: the same pair
// through both, with a style of its own layers down to the third block.

import { expect, test } from "vitest";
import {
  DEFAULT_SETTINGS,
  QUALITIES,
  SETTING_NAMES,
  SETTINGS,
  type SettingDescription,
  type SettingName,
  type Settings,
} from "../../../../companion/protocol/settings.ts";
import { companionOnly } from "../../../../companion/protocol/settings-checks.ts";
import { expectQuickTwins } from "./quick-twin.ts";
import { expectTwins, type Tolerance, twinSettings, waves } from "./twin.ts";

/** What says where the work is done, or for how long, and not what is painted. */
const NOT_PAINTED: readonly SettingName[] = ["network", "device", "threads", "budget", "memory"];

/** What the companion has done before either engine paints: networks of others, and learned styles. */
const NEITHER_PAINTS: readonly SettingName[] = ["model", "modelInput", "modelTile", "styleMix"];

/** Values off the default, for settings that are no choice; with what they need beside them. */
const VALUES: Partial<Record<SettingName, Partial<Settings>[]>> = {
  size: [{ size: 40 }, { size: 60 }],
  palette: [{ palette: ["#0b1d3a", "#f2c14e", "#edf6f9"] }],
  detail: [{ detail: 60 }],
  photorealStrength: [{ photoreal: "guided", photorealStrength: 40 }],
  strength: [{ strength: 0 }, { strength: 20 }, { strength: 100 }],
  styleScale: [{ styleScale: 0.777 }, { styleScale: 1.5 }],
  styleLayers: [{ styleLayers: ["relu1_2", "relu3_1"] }],
  contentLayers: [{ contentLayers: ["relu1_2", "relu3_1"] }],
  styleLayerWeights: [{ styleLayerWeights: [1, 0.25, 0.5] }],
  contentLayerWeights: [{ contentLayers: ["relu2_1", "relu3_1"], contentLayerWeights: [1, 0.25] }],
  contentWeight: [{ contentWeight: 0.5 }],
  styleWeight: [{ styleWeight: 3 }],
  tvWeight: [{ tvWeight: 0 }, { tvWeight: 40 }],
  seed: [{ init: "noise", seed: 9 }],
  history: [{ history: 1 }],
  stepSize: [{ optimizer: "adam", stepSize: 0.05 }],
  averaging: [{ optimizer: "adam", averaging: 0.5 }],
  minScale: [{ minScale: 46 }],
  firstIterations: [{ firstIterations: 2 }],
  carry: [{ quality: "quick", carry: "adain" }],
  middleIterations: [{ quality: "quick", size: 130, middleIterations: 0 }],
  carryShare: [{ quality: "quick", carryShare: 0.5 }],
  iterations: [{ iterations: 1 }],
};

function casesOf(name: SettingName): Partial<Settings>[] {
  const setting: SettingDescription = SETTINGS[name];
  const given = VALUES[name];
  if (given !== undefined || (setting.kind !== "choice" && setting.kind !== "terms")) return given ?? [];
  return setting.choices
    .filter((choice) => choice !== DEFAULT_SETTINGS[name])
    .map((choice) => ({ [name]: choice }))
    .filter((settings) => companionOnly({ ...DEFAULT_SETTINGS, ...settings }) === null);
}

/** W2 at a third layer: the largest of a loss was 1.1e-3, of a picture 4.7e-4 (with max pools, whose gradient jumps). */
const DEEPER: Tolerance = { losses: 5e-3, picture: 1e-3 };

const PAINTED = SETTING_NAMES.filter((name) => ![...NOT_PAINTED, ...NEITHER_PAINTS].includes(name));
const CASES = PAINTED.flatMap((name) => casesOf(name).map((settings) => ({ name, settings })));

test("every setting that decides what is painted has a case", () => {
  expect(PAINTED.filter((name) => casesOf(name).length === 0)).toEqual([]);
});

test.each(CASES)(
  "$name: with $settings both paint the same",
  async ({ settings }) => {
    const [content, style] = [waves(46, 46, 0.3), waves(40, 44, 1.7)];
    const deeper = { styleLayers: ["relu1_1", "relu2_1", "relu3_1"], contentLayers: ["relu3_1"] };
    const request = {
      content,
      styles: [{ picture: style, weight: 1 }],
      settings: twinSettings({ ...deeper, ...settings }),
    };
    if (QUALITIES[request.settings.quality].method === "quick") await expectQuickTwins(request);
    else await expectTwins(settings.init === "image" ? { ...request, initial: waves(34, 40, 0.9) } : request, DEEPER);
  },
  300_000,
);
