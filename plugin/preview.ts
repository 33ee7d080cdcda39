// The picture so far as a layer at its place, while a run goes on: one at a time, updated in place. It belongs to the undo
// step of what comes after it, and is gone with the plugin.

import type { InsertedPicture } from "../companion/protocol/host/messages.ts";
import { placeAbove } from "./write-layer.ts";

let shown: { layer: SceneNode; contentId: string } | null = null;

/** Who deleted it does not want it: it does not come again before the next run. Throws as insertAbove does. */
export function showPreview(content: SceneNode, picture: InsertedPicture, keepText: boolean): void {
  if (shown !== null && shown.contentId !== content.id) clearPreview();
  if (shown === null) {
    const layer = placeAbove(content, picture, keepText);
    // A click goes through it, to what is under it.
    layer.locked = true;
    shown = { layer, contentId: content.id };
    return;
  }
  const { layer } = shown;
  if (layer.removed) return;
  const painted = pictureIn(layer);
  const [tile] = picture.tiles;
  if (painted === null || tile === undefined) return;
  painted.fills = [{ type: "IMAGE", imageHash: figma.createImage(tile.bytes).hash, scaleMode: "FILL" }];
}

export function clearPreview(): void {
  if (shown !== null && !shown.layer.removed) shown.layer.remove();
  shown = null;
}

/** The layer itself, or in its group and in what cuts it off. */
function pictureIn(layer: SceneNode): RectangleNode | null {
  if (layer.type === "RECTANGLE") return layer;
  if (!("children" in layer)) return null;
  for (const child of layer.children) {
    const found = "isMask" in child && child.isMask ? null : pictureIn(child);
    if (found !== null) return found;
  }
  return null;
}
