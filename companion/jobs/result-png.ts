// A result as it leaves Impasto: a PNG that carries its recipe. The same picture and recipe give the same bytes.

import { encodePicture } from "../pictures/encode.ts";
import { embedPngText, readPngText } from "../pictures/png-text.ts";
import type { Picture } from "../protocol/engine.ts";
import { RECIPE_KEYWORD, type Recipe, RecipeSchema } from "../protocol/recipe.ts";
import { Value } from "typebox/value";

/** 8 bits a channel, sRGB. */
export async function encodeResult(picture: Picture, recipe: Recipe): Promise<Uint8Array> {
  return embedPngText(await encodePicture(picture, "png"), RECIPE_KEYWORD, JSON.stringify(recipe));
}

/** The recipe in a PNG; null when it has none that this version understands. */
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
