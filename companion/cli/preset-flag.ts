// --preset: settings to begin with, by name or from a file; what else is given goes on top.

import type { Command } from "commander";
import { ImpastoError } from "../protocol/errors.ts";
import { PRESET_NAMES, parsePreset, presetNamed } from "../protocol/presets.ts";
import type { Settings } from "../protocol/settings.ts";
import { withFlagNames } from "./setting-flags.ts";

export interface PresetFlag {
  preset?: string;
}

export function addPresetFlag(command: Command): void {
  command.option(
    "--preset <name or file>",
    `settings to begin with: ${PRESET_NAMES.join(", ")}; or a .json file, as \`impasto presets\` prints one`,
  );
}

/** @throws ImpastoError: bad-setting, bad-request, file-not-found, file-not-readable */
export async function presetSettings({ preset }: PresetFlag): Promise<Partial<Settings>> {
  if (preset === undefined) return {};
  if (!preset.toLowerCase().endsWith(".json")) return presetNamed(preset).settings;
  const { readJsonFile } = await import("../read-json.ts");
  const file = await readJsonFile(preset, "a preset");
  try {
    return parsePreset(file);
  } catch (error) {
    if (!(error instanceof ImpastoError)) throw error;
    throw withFlagNames(
      new ImpastoError(error.code, `${preset}: ${error.message}`, { hint: error.hint, cause: error }),
    );
  }
}
