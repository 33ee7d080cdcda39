// A result as it leaves Impasto: a PNG that carries its recipe. The same picture and recipe give the same bytes.

import { encodePicture } from "../pictures/encode.ts";
import { embedPngText, RECIPE_KEYWORD } from "../pictures/png-text.ts";
import type { Picture } from "../protocol/engine.ts";
import type { Recipe } from "../protocol/recipe.ts";

/**
 * 8 bits a channel, sRGB.
 * @param density pixels per inch of the content; null: it does not say
 */
export async function encodeResult(picture: Picture, recipe: Recipe, density: number | null): Promise<Uint8Array> {
  return embedPngText(await encodePicture(picture, "png", { density }), RECIPE_KEYWORD, JSON.stringify(recipe));
}
