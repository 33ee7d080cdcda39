// Keys of the canvas: arrows go from picture to picture, Shift takes more, and what every canvas knows.

import type { LayerDocument } from "./layer-document.ts";

export interface CanvasKeys {
  layerDocument: LayerDocument;
  /** In the whole window. */
  view(id: string): void;
}

/** Whether it was one of the canvas's. */
export function pressOnCanvas(event: KeyboardEvent, { layerDocument, view }: CanvasKeys): boolean {
  const { selected, layers } = layerDocument;
  const command = event.metaKey || event.ctrlKey;
  const key = event.key.toLowerCase();
  if (command && key === "a") layerDocument.select(layers.value.map(({ id }) => id));
  else if (command && ((key === "z" && event.shiftKey) || key === "y")) layerDocument.redo();
  else if (command || event.altKey) return false;
  else if (key === "delete" || key === "backspace") layerDocument.remove(selected.value);
  else if (key === "arrowright" || key === "arrowdown") step(layerDocument, 1, event.shiftKey);
  else if (key === "arrowleft" || key === "arrowup") step(layerDocument, -1, event.shiftKey);
  else if (key === " ") {
    const last = selected.value.at(-1);
    if (last === undefined) return false;
    view(last);
  } else return false;
  return true;
}

function step({ selected, layers, select }: LayerDocument, by: 1 | -1, adds: boolean): void {
  const all = layers.value;
  const at = all.findIndex(({ id }) => id === selected.value.at(-1));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
  if (next === undefined) return;
  select(adds ? [...selected.value.filter((id) => id !== next.id), next.id] : [next.id]);
  document.querySelector<HTMLElement>(`[id="${next.id}"] > button`)?.focus();
}
