// A result that Impasto made is selected: its settings are shown, and it can be painted anew.

import { effect, untracked } from "@preact/signals-core";
import { ImpastoError } from "../../companion/protocol/errors.ts";
import { SETTINGS } from "../../companion/protocol/settings.ts";
import { useProblem } from "../../companion/protocol/style-uses.ts";
import type { Host, LayerRecipe } from "../host.ts";
import { type Input, type Painting, type PictureInput, readPainting } from "./painting.ts";
import type { RunModel } from "./run.ts";
import { toSources } from "./run-sources.ts";
import type { StoredStyles } from "./stored-styles.ts";
import { readSide, type WorkParts } from "./work-parts.ts";

type Parts = Pick<WorkParts, "host" | "inputs" | "preferences" | "styles"> & { run: RunModel };

/** A selected result shows the settings it was made with, to be changed before it is restyled. Returns what ends it. */
export function followRecipe({ inputs, preferences, run }: Parts): () => void {
  let shown: string | null = null;
  return effect(() => {
    if (run.phase.value !== "idle") return;
    const recipe = inputs.recipe.value;
    const id = recipe === null ? null : (inputs.selection.value.layers[0]?.id ?? null);
    if (id === shown) return;
    shown = id;
    if (recipe === null) return;
    // What did the work on another machine says nothing of this one.
    const { device, threads, ...settings } = recipe.settings;
    untracked(() => preferences.setSettings(settings));
  });
}

/** Paints the selected result anew, from its content, its styles and masks, and its pixels. */
export async function restyleSelected({ host, inputs, preferences, styles, run }: Parts): Promise<void> {
  const recipe = inputs.recipe.value;
  const layer = inputs.selection.value.layers[0];
  if (recipe === null || layer === undefined) {
    host.notify("Restyle takes one result at a time. Select one that Impasto made.", { error: true });
    return;
  }
  const maxSide = readSide(preferences.value.value.settings);
  const painting = paintingOf(host, recipe, inputs.style.value, styles);
  const { keepText } = recipe;
  const sources = await readPainting(host, painting, maxSide)
    .then((read) => toSources(painting, read))
    .catch(() => null);
  const from = await host.readPicture(layer.id, { maxSide, keepText }).catch(() => null);
  if (sources === null || from === null) {
    host.notify("The layers this was made from are gone. Select a layer and a style.", { error: true });
    return;
  }
  await run.restyle(from, {
    ...sources,
    content: { ...sources.content, name: recipe.contentName },
    styleName: painting.styles[0]?.name ?? recipe.styleName,
  });
}

/** A layer by what a recipe keeps of it. */
export function layerOf(host: Host, layerId: string, name: string): PictureInput {
  return {
    id: layerId,
    layerId,
    name,
    width: 0,
    height: 0,
    thumbnail: null,
    read: (options) => host.readPicture(layerId, options),
  };
}

/** What the result was made of; the style is the present one, or what was stored of the one that is gone. */
export function paintingOf(host: Host, recipe: LayerRecipe, style: Input | null, stored: StoredStyles): Painting {
  const { contentId, contentName, styleName, styleKey, styleUse, moreStyles, masks, keepText } = recipe;
  const layer = (layerId: string, name: string): PictureInput => layerOf(host, layerId, name);
  const own: Input = style ?? { ...layer("", styleName), layerId: null };
  const first: Input = {
    ...own,
    // A model that was the style has none.
    read: (style === null ? isModelAlone(recipe) : style.read === null)
      ? null
      : async (options) => {
          const picture = (await style?.read?.(options).catch(() => null)) ?? null;
          const found = picture ?? (styleKey === null ? null : await stored.read(styleKey));
          if (found !== null) return found;
          throw new ImpastoError("not-found", `The style “${styleName}” is gone.`);
        },
  };
  const others = moreStyles.map(({ layerId, name }) => layer(layerId, name));
  const uses = [styleUse ?? null, ...moreStyles.map(({ use }) => use ?? null)];
  // A stored style beside the first is not remembered, and may have been the one for the rest.
  const { styleLayers = SETTINGS.styleLayers.default } = recipe.settings;
  const isWhole = useProblem(uses, styleLayers) !== null;
  return {
    content: layer(contentId, contentName),
    styles: [first, ...others],
    uses: isWhole ? uses.map(() => null) : uses,
    masks,
    keepText,
  };
}

function isModelAlone({ styleId, styleKey, settings }: LayerRecipe): boolean {
  return Boolean(settings.model) && styleId === null && styleKey === null;
}
