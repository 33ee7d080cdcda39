// A picture that is no layer above another one, in the middle of the view.

import type { InsertedPicture } from "../companion/protocol/host/messages.ts";
import { middleOfView } from "./beside.ts";

/** Throws an Error whose message can be shown; nothing is left behind then. */
export function drawAlone({ name, width, height, tiles }: InsertedPicture): SceneNode {
  const place = middleOfView(width, height);
  const pieces: RectangleNode[] = [];
  try {
    for (const tile of tiles) {
      const { hash } = figma.createImage(tile.bytes);
      const rectangle = figma.createRectangle();
      pieces.push(rectangle);
      figma.currentPage.appendChild(rectangle);
      rectangle.resize(tile.width, tile.height);
      rectangle.x = place.x + tile.x;
      rectangle.y = place.y + tile.y;
      rectangle.fills = [{ type: "IMAGE", imageHash: hash, scaleMode: "FILL" }];
    }
    const [only] = pieces;
    const layer = only !== undefined && pieces.length === 1 ? only : figma.group(pieces, figma.currentPage);
    layer.name = name;
    return layer;
  } catch (cause) {
    for (const piece of pieces) if (!piece.removed) piece.remove();
    throw cause;
  }
}
