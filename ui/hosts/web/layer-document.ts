// The studio's document: pictures as layers, a selection, a step of undo and redo for each change.

import { signal } from "@preact/signals-core";
import type { CanvasPreview, LayerRecipe, SourcePicture } from "../../host.ts";

export interface StudioLayer extends SourcePicture {
  id: string;
  recipe: LayerRecipe | null;
  /** It looks like a mask. */
  isMask: boolean;
}

export type LayerDocument = ReturnType<typeof createLayerDocument>;

const MAX_UNDO = 20;

export function createLayerDocument() {
  const layers = signal<readonly StudioLayer[]>([]);
  /** In the order of selecting. */
  const selected = signal<readonly string[]>([]);
  /** A picture that is painted just now, beside its content; no layer yet. */
  const inWork = signal<CanvasPreview | null>(null);
  const undoSteps: (readonly StudioLayer[])[] = [];
  const redoSteps: (readonly StudioLayer[])[] = [];
  let lastId = 0;

  function change(next: readonly StudioLayer[]): void {
    undoSteps.push(layers.value);
    if (undoSteps.length > MAX_UNDO) undoSteps.shift();
    redoSteps.length = 0;
    layers.value = next;
  }

  /** From one list of steps to the other. */
  function go(from: (readonly StudioLayer[])[], to: (readonly StudioLayer[])[]): void {
    const next = from.pop();
    if (next === undefined) return;
    to.push(layers.value);
    layers.value = next;
    selected.value = selected.value.filter((id) => next.some((layer) => layer.id === id));
  }

  function toLayer(picture: SourcePicture & { isMask?: boolean }, recipe: LayerRecipe | null): StudioLayer {
    lastId += 1;
    return { isMask: false, ...picture, id: `layer-${lastId}`, recipe };
  }

  return {
    layers,
    selected,
    inWork,
    find: (id: string) => layers.value.find((layer) => layer.id === id),

    add(pictures: readonly (SourcePicture & { isMask?: boolean })[]): StudioLayer[] {
      const added = pictures.map((picture) => toLayer(picture, null));
      change([...layers.value, ...added]);
      return added;
    },

    /** Right after its content, which stays as it is. */
    insert(results: readonly { contentId: string; picture: SourcePicture; recipe: LayerRecipe }[]): StudioLayer[] {
      const next = [...layers.value];
      const added = results.map(({ contentId, picture, recipe }) => {
        const layer = toLayer(picture, recipe);
        const at = next.findIndex(({ id }) => id === contentId);
        next.splice(at < 0 ? next.length : at + 1, 0, layer);
        return layer;
      });
      change(next);
      return added;
    },

    remove(ids: readonly string[]): void {
      if (ids.length === 0) return;
      change(layers.value.filter(({ id }) => !ids.includes(id)));
      selected.value = selected.value.filter((id) => !ids.includes(id));
    },

    select(ids: readonly string[]): void {
      selected.value = ids;
    },

    toggle(id: string): void {
      const rest = selected.value.filter((other) => other !== id);
      selected.value = rest.length < selected.value.length ? rest : [...rest, id];
    },

    undo: () => go(undoSteps, redoSteps),
    redo: () => go(redoSteps, undoSteps),
  };
}
