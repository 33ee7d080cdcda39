// What a result was made from and how, in the one form that PNGs and jobs carry.

import type { StylizeResult } from "../protocol/engine.ts";
import type { Recipe, SettingsChange } from "../protocol/recipe.ts";
import type { Settings } from "../protocol/settings.ts";

export interface RecipeParts {
  inputs: Recipe["inputs"];
  /** As asked for, before changes. */
  settings: Settings;
  changes: readonly SettingsChange[];
  resumed: boolean;
  threads: number;
  network: Recipe["network"];
  versions: Recipe["versions"];
  result: Pick<StylizeResult, "iterations" | "stopped" | "device">;
}

/** Fields in a fixed order: the same parts give the same bytes. */
export function makeRecipe({ result, ...parts }: RecipeParts): Recipe {
  return {
    version: 1,
    inputs: parts.inputs,
    settings: parts.settings,
    changes: [...parts.changes],
    iterations: result.iterations,
    stopped: result.stopped,
    resumed: parts.resumed,
    device: result.device,
    threads: parts.threads,
    network: parts.network,
    versions: parts.versions,
  };
}
