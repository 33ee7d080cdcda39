// How this session's results came about, by their ids: the layers to put them above again, and the style to take over. In
// another document ids of layers mean nothing.

import { ImpastoError } from "../../companion/protocol/errors.ts";
import type { PastResult } from "../engines/style-engine.ts";
import type { Host, Layer, LayerRecipe, SourcePicture } from "../host.ts";
import type { Inputs } from "./inputs.ts";
import { keyOfHash, type StoredStyles } from "./stored-styles.ts";

/** Those of some batches. */
const MAX_KNOWN = 2000;

/** A layer that was painted before. */
export type KnownFrame = Pick<Layer, "id" | "name" | "width" | "height">;

export interface RecipeParts {
  host: Host;
  inputs: Inputs;
  styles: StoredStyles;
}

export function createKnownRecipes({ host, inputs, styles }: RecipeParts) {
  const recipes = new Map<string, LayerRecipe>();

  return {
    remember(id: string, recipe: LayerRecipe): void {
      recipes.set(id, recipe);
      for (const oldest of [...recipes.keys()].slice(0, -MAX_KNOWN)) recipes.delete(oldest);
    },

    /** The style becomes the present one, unless it is; false where it is not stored any more. */
    takeStyle({ id, styleName, styleHash }: PastResult): boolean {
      const recipe = recipes.get(id);
      const present = inputs.style.value;
      if (present !== null && (present.name === styleName || present.layerId === recipe?.styleId)) return true;
      const key = recipe?.styleKey ?? (styleHash === null ? null : keyOfHash(styleHash));
      if (key === null || !styles.list.value.some((style) => style.key === key)) return false;
      inputs.choose({ from: "stored", key });
      return true;
    },

    /** False where its layer is not known, or gone. */
    async insertAbove(id: string, picture: SourcePicture): Promise<boolean> {
      const recipe = recipes.get(id);
      if (recipe === undefined) return false;
      const [made] = await host.insert([{ ...picture, contentId: recipe.contentId, recipe }]);
      if (made === undefined || !("error" in made)) return made !== undefined;
      if (made.error.code === "not-found" || made.error.code === "file-not-found") return false;
      throw ImpastoError.fromBody(made.error);
    },

    /** The layers that results were painted from, each once, as far as they are known. */
    layersOf(results: readonly PastResult[]): KnownFrame[] {
      const known = new Map<string, KnownFrame>();
      for (const { id, width, height } of results) {
        const recipe = recipes.get(id);
        if (recipe === undefined) continue;
        const { contentId, contentName } = recipe;
        known.set(contentId, { id: contentId, name: contentName, width, height });
      }
      return [...known.values()];
    },
  };
}
