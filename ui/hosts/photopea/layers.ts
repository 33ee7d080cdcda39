// A layer of Photopea as the panel knows it: its name among all documents, where it shows, what it is.

import type { Box, LayerKind } from "../../../companion/protocol/host/layer-types.ts";
import type { DocumentKey, ScriptDocument, ScriptLayer } from "./replies.ts";

/** Layers are counted within their document: the panel's id names both. */
export function layerId({ id }: Pick<ScriptLayer, "id">, { name, source }: DocumentKey): string {
  return JSON.stringify([source, name, id]);
}

/** Null for an id that is none of ours. */
export function documentOf(id: string): DocumentKey | null {
  try {
    const [source, name]: unknown[] = JSON.parse(id);
    return typeof source === "string" && typeof name === "string" ? { source, name } : null;
  } catch {
    return null;
  }
}

export function isSame(a: DocumentKey, b: DocumentKey): boolean {
  return a.name === b.name && a.source === b.source;
}

/** Where the layer shows on the canvas, px: what lies outside is neither saved nor painted. */
export function visiblePart({ bounds: [left, top, right, bottom] }: ScriptLayer, canvas: ScriptDocument): Box {
  const [x, y] = [Math.max(0, Math.round(left)), Math.max(0, Math.round(top))];
  const width = Math.max(0, Math.min(canvas.width, Math.round(right)) - x);
  const height = Math.max(0, Math.min(canvas.height, Math.round(bottom)) - y);
  return { x, y, width, height };
}

export function touch(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Photopea's layers are pixels, but for text and shapes. */
export function kindOf({ group, kind }: ScriptLayer): LayerKind {
  if (group) return "group";
  if (/TEXT/i.test(kind)) return "text";
  return /SOLIDFILL|SHAPE/i.test(kind) ? "shape" : "picture";
}

export function problemOf(layer: ScriptLayer, canvas: ScriptDocument): string | null {
  const [left, top, right, bottom] = layer.bounds;
  if (right - left < 1 || bottom - top < 1) return "is empty";
  const { width, height } = visiblePart(layer, canvas);
  if (width < 1 || height < 1) return "lies outside the canvas";
  return layer.visible ? null : "is hidden. Show it first";
}
