// The recipe inside a result.

import { Value } from "typebox/value";
import { RECIPE_KEYWORD, readPngText } from "../pictures/png-text.ts";
import { type Recipe, RecipeSchema } from "../protocol/recipe.ts";

/** Null when the file is no PNG, or has no recipe that this version understands. */
export function readRecipe(png: Uint8Array): Recipe | null {
  const text = readPngText(png, RECIPE_KEYWORD);
  if (text === null) return null;
  try {
    const recipe: unknown = JSON.parse(text);
    return Value.Check(RecipeSchema, recipe) ? recipe : null;
  } catch {
    return null;
  }
}
