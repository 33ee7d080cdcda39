// The recipe inside a result.

import { Type } from "typebox";
import { Value } from "typebox/value";
import { RECIPE_KEYWORD, readPngText } from "../pictures/png-text.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { type Recipe, RecipeSchema, upgradeRecipe } from "../protocol/recipe.ts";
import { parsePartialSettings, type Settings } from "../protocol/settings.ts";
import { checkLayerWeights, checkLive } from "../protocol/settings-checks.ts";
import { settingsOf } from "./job-settings.ts";

/** A recipe that is to be followed: its settings with the device, the threads and the network that they came to. */
export interface FollowedRecipe {
  recipe: Recipe;
  settings: Settings;
}

/**
 * @param name of the file, for messages
 * @throws ImpastoError("bad-picture") for a file without a recipe that this version understands, and "bad-setting"
 * where the recipe asks for what the table of settings does not allow
 */
export function requireRecipe(png: Uint8Array, name: string): FollowedRecipe {
  const text = readPngText(png, RECIPE_KEYWORD);
  if (text === null) {
    throw new ImpastoError("bad-picture", `${name} carries no recipe.`, {
      hint: "Recipes stand in the PNGs that Impasto makes; other programs remove them when they save.",
    });
  }
  try {
    const value = upgradeRecipe(parseJson(text));
    if (Value.Check(RecipeSchema, value)) return { recipe: value, settings: followedSettings(value) };
    // The table says it better, where it is a setting.
    if (Value.Check(Type.Object({ settings: Type.Unknown() }), value)) parsePartialSettings(value.settings);
  } catch (error) {
    if (!(error instanceof ImpastoError)) throw error;
    throw new ImpastoError(error.code, `${name} cannot be made again: ${error.message}`, { cause: error });
  }
  throw new ImpastoError("bad-picture", `${name} carries a recipe that this Impasto cannot follow.`, {
    hint: "It was made by another version, or was changed since.",
  });
}

/** The table holds for what the recipe was carried out with, too. */
function followedSettings({ settings: asked, inputs, device, threads, network, model, changes }: Recipe): Settings {
  const carriedOut = {
    ...{ device, threads },
    ...(network !== undefined && { network: network.name }),
    ...(model !== undefined && { modelTile: model.tile }),
  };
  const settings = settingsOf({ ...asked, ...carriedOut }, inputs.initial !== undefined);
  for (const change of changes) {
    const live = parsePartialSettings(change.settings);
    checkLive(live);
    checkLayerWeights({ ...settings, ...live });
  }
  return settings;
}

/** Null when the file is no PNG, or has no recipe that this version understands. */
export function readRecipe(png: Uint8Array): Recipe | null {
  const text = readPngText(png, RECIPE_KEYWORD);
  const recipe = text === null ? null : upgradeRecipe(parseJson(text));
  return Value.Check(RecipeSchema, recipe) ? recipe : null;
}

/** Null for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
