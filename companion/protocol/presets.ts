// Recipes of the literature and for looks, each a file of its own that says where it is from and how its weights became
// ours. A preset is settings over the defaults; flags and controls go on top.

import { ImpastoError } from "./errors.ts";
import crowsonkb from "./presets/crowsonkb.json" with { type: "json" };
import deepContent from "./presets/deep-content.json" with { type: "json" };
import gatys2016 from "./presets/gatys-2016.json" with { type: "json" };
import gatysHires from "./presets/gatys-hires.json" with { type: "json" };
import isottonMunafo from "./presets/isotton-munafo.json" with { type: "json" };
import neuralStyle from "./presets/neural-style.json" with { type: "json" };
import patches from "./presets/patches.json" with { type: "json" };
import poster from "./presets/poster.json" with { type: "json" };
import texture from "./presets/texture.json" with { type: "json" };
import { DEFAULT_SETTINGS, parsePartialSettings, SETTING_NAMES, type SettingName, type Settings } from "./settings.ts";

export interface Preset {
  name: string;
  title: string;
  /** One sentence of what comes out. */
  about: string;
  source: string;
  /** How the source's weights became these. */
  weights: string;
  /** What is not as in the source. */
  differs: string;
  settings: Partial<Settings>;
}

const FILES = {
  "gatys-2016": gatys2016,
  "gatys-hires": gatysHires,
  "neural-style": neuralStyle,
  crowsonkb,
  "isotton-munafo": isottonMunafo,
  "deep-content": deepContent,
  poster,
  patches,
  texture,
} as const satisfies Record<string, object>;

export const PRESETS: readonly Preset[] = Object.entries(FILES).map(([name, file]) => ({
  ...file,
  name,
  settings: parsePartialSettings(file.settings),
}));

export const PRESET_NAMES: readonly string[] = PRESETS.map(({ name }) => name);

/** @throws ImpastoError("bad-setting") that lists the known ones */
export function presetNamed(name: string): Preset {
  const preset = PRESETS.find((known) => known.name === name);
  if (preset !== undefined) return preset;
  throw new ImpastoError("bad-setting", `There is no preset named ${JSON.stringify(name)}.`, {
    hint: `There are: ${PRESET_NAMES.join(", ")}. A file of your own ends in .json.`,
  });
}

/**
 * The settings of a preset's file: under "settings", or the file is nothing but settings.
 * @throws ImpastoError("bad-setting") that names what is wrong
 */
export function parsePreset(file: unknown): Partial<Settings> {
  const inside = typeof file === "object" && file !== null && "settings" in file ? file.settings : file;
  return parsePartialSettings(inside);
}

/** Where the work is done and by which network: no preset's business. */
const KEPT: readonly SettingName[] = ["device", "threads", "network", "model", "modelInput", "modelTile"];
/** Turned in the panel's first view, on any preset. */
const TURNED: readonly SettingName[] = ["strength", "styleScale", "quality", "size", "colors", "palette", "seed"];

/** All settings after a choice: the preset's over the defaults, what is no preset's business as it was. */
export function withPreset(settings: Settings, preset: Preset | null): Settings {
  const kept = Object.fromEntries(KEPT.map((name) => [name, settings[name]]));
  return { ...DEFAULT_SETTINGS, ...kept, ...preset?.settings };
}

/** Which preset settings are, whatever stands on top; null for the defaults, undefined for none of them. */
export function presetOf(settings: Settings): Preset | null | undefined {
  const same = (preset: Preset | null): boolean => {
    const whole = withPreset(settings, preset);
    return SETTING_NAMES.filter((name) => !TURNED.includes(name)).every(
      (name) => JSON.stringify(whole[name]) === JSON.stringify(settings[name]),
    );
  };
  return PRESETS.find(same) ?? (same(null) ? null : undefined);
}
