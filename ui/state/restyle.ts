// A result that Impasto made is selected: its settings are shown, and it can be painted anew.

import { effect, untracked } from "@preact/signals-core";
import type { RunModel } from "./run.ts";
import { styleKey } from "./stored-styles.ts";
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

/** Paints the selected result anew, from its content, its style and its pixels. */
export async function restyleSelected({ host, inputs, preferences, styles, run }: Parts): Promise<void> {
  const recipe = inputs.recipe.value;
  const layer = inputs.selection.value.layers[0];
  const style = inputs.style.value;
  if (recipe === null || layer === undefined) {
    host.notify("Restyle takes one result at a time. Select one that Impasto made.", { error: true });
    return;
  }
  const side = readSide(preferences.value.value.settings);
  const read = (id: string) => host.readPicture(id, { maxSide: side }).catch(() => null);
  const stylePicture =
    (await style?.read(side).catch(() => null)) ?? (recipe.styleKey && (await styles.read(recipe.styleKey)));
  const content = await read(recipe.contentId);
  const from = await read(layer.id);
  if (content === null || !stylePicture || from === null) {
    host.notify("The layers this was made from are gone. Select a layer and a style.", { error: true });
    return;
  }
  await run.restyle(from, {
    content: { ...content, name: recipe.contentName },
    style: { ...stylePicture, name: style?.name ?? recipe.styleName },
    contentId: recipe.contentId,
    styleId: style?.layerId ?? null,
    styleKey: styleKey(stylePicture),
  });
}
