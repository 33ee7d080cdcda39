// A texture as a rectangle whose fill repeats.

import type { InsertedSurface } from "../companion/protocol/host/messages.ts";
import { middleOfView, placeBeside } from "./beside.ts";

/** Beside the layer, or in the middle of the view. Throws an Error whose message can be shown; nothing is left behind then. */
export function drawSurface(page: PageNode, beside: SceneNode | null, surface: InsertedSurface): RectangleNode {
  const { name, width, height, tile } = surface;
  const place = beside === null ? middleOfView(width, height) : placeBeside(page, beside, width, height);
  const { hash } = figma.createImage(tile.bytes);
  const rectangle = figma.createRectangle();
  try {
    page.appendChild(rectangle);
    rectangle.name = name;
    rectangle.resize(width, height);
    rectangle.x = place.x;
    rectangle.y = place.y;
    rectangle.fills = [{ type: "IMAGE", imageHash: hash, scaleMode: "TILE", scalingFactor: 1 }];
    return rectangle;
  } catch (cause) {
    rectangle.remove();
    throw cause;
  }
}
