// How results were made: Photopea's layers remember nothing, so the page's storage does, by document and layer's name.

import { parseRecipe } from "../../../companion/protocol/host/layer-types.ts";
import { isRecord } from "../../../companion/protocol/parsing.ts";
import type { LayerRecipe } from "../../host.ts";
import type { DocumentKey } from "./replies.ts";

const KEY = "impasto.photopea.recipes.v1";
const MAX_RECIPES = 100;

interface Storage {
  load(key: string): Promise<unknown>;
  save(key: string, value: unknown): Promise<void>;
}

export type Recipes = ReturnType<typeof createRecipes>;

export function createRecipes(storage: Storage) {
  let recipes: Record<string, LayerRecipe> = {};

  return {
    async load(): Promise<void> {
      recipes = parseRecipes(await storage.load(KEY));
    },
    find: (home: DocumentKey, layerName: string): LayerRecipe | null => recipes[recipeKey(home, layerName)] ?? null,
    async remember(home: DocumentKey, layerName: string, recipe: LayerRecipe): Promise<void> {
      recipes = { ...recipes, [recipeKey(home, layerName)]: recipe };
      await storage.save(KEY, Object.fromEntries(Object.entries(recipes).slice(-MAX_RECIPES)));
    },
  };
}

function recipeKey({ source, name }: DocumentKey, layerName: string): string {
  return `${source}|${name}|${layerName}`;
}

/** What is no recipe of this version is left out. */
function parseRecipes(stored: unknown): Record<string, LayerRecipe> {
  const recipes: Record<string, LayerRecipe> = {};
  for (const [key, value] of Object.entries(isRecord(stored) ? stored : {})) {
    const recipe = parseRecipe(value);
    if (recipe !== null) recipes[key] = recipe;
  }
  return recipes;
}
