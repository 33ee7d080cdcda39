// What a result was made from and how, in the one form that PNGs and jobs carry.

import type { StylizeResult } from "../protocol/engine.ts";
import { RECIPE_VERSION, type Recipe, type SettingsChange } from "../protocol/recipe.ts";
import type { RequestOf } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";

export interface RecipeParts {
  /** Its settings as asked for, before changes. */
  request: RequestOf<PictureRef>;
  changes: readonly SettingsChange[];
  resumed: boolean;
  threads: number;
  network?: Recipe["network"];
  model?: Recipe["model"];
  painter?: Recipe["painter"];
  versions: Recipe["versions"];
  result: Pick<StylizeResult, "iterations" | "stopped" | "device" | "shot">;
}

/** Fields in a fixed order: the same parts give the same bytes. */
export function makeRecipe({ request: { settings, ...inputs }, result, ...parts }: RecipeParts): Recipe {
  return {
    version: RECIPE_VERSION,
    inputs,
    settings,
    changes: [...parts.changes],
    iterations: result.iterations,
    stopped: result.stopped,
    resumed: parts.resumed,
    ...(result.shot?.begins === false && { follows: true }),
    device: result.device,
    threads: parts.threads,
    ...(parts.network !== undefined && { network: parts.network }),
    ...(parts.painter !== undefined && { painter: parts.painter }),
    ...(parts.model !== undefined && { model: parts.model }),
    versions: parts.versions,
  };
}
