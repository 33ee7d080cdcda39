// A sheet of pictures as one frame beside their content, or in view where that is gone: each picture a layer that remembers its making, its label under it.

import type { InsertedSheet } from "../companion/protocol/host/messages.ts";
import { middleOfView, placeBeside } from "./beside.ts";
import { describeMaking } from "./write-layer.ts";

const GAP_PX = 24;
const LABEL_PX = 20;
/** Figma's own; every text is born with it. */
const FONT: FontName = { family: "Inter", style: "Regular" };

export interface DrawnSheet {
  frame: FrameNode;
  /** Ids of the pictures, in the order of the cells. */
  pictures: string[];
}

/** Throws an Error whose message can be shown; nothing is left behind then. */
export async function drawSheet(page: PageNode, content: SceneNode | null, sheet: InsertedSheet): Promise<DrawnSheet> {
  const { cells, columns, name } = sheet;
  await figma.loadFontAsync(FONT);
  const width = Math.max(...cells.map((cell) => cell.width));
  const height = Math.max(...cells.map((cell) => cell.height));
  const rows = Math.ceil((Math.max(...cells.map(({ at }, index) => at ?? index)) + 1) / columns);
  const size = [GAP_PX + columns * (width + GAP_PX), GAP_PX + rows * (height + LABEL_PX + GAP_PX)] as const;
  const place = content === null ? middleOfView(...size) : placeBeside(page, content, ...size);
  const frame = figma.createFrame();
  try {
    frame.name = name;
    frame.resize(...size);
    page.appendChild(frame);
    put(frame, place.x, place.y);
    const pictures: string[] = [];
    for (const [index, cell] of cells.entries()) {
      const { at = index } = cell;
      const x = GAP_PX + (at % columns) * (width + GAP_PX);
      const y = GAP_PX + Math.floor(at / columns) * (height + LABEL_PX + GAP_PX);
      const picture = figma.createRectangle();
      frame.appendChild(picture);
      pictures.push(picture.id);
      picture.name = cell.label;
      picture.resize(cell.width, cell.height);
      picture.fills = [{ type: "IMAGE", imageHash: figma.createImage(cell.bytes).hash, scaleMode: "FILL" }];
      put(picture, x, y);
      describeMaking(picture, cell.recipe);
      const label = figma.createText();
      frame.appendChild(label);
      label.fontName = FONT;
      label.fontSize = 12;
      label.characters = cell.label;
      put(label, x, y + cell.height + 4);
    }
    return { frame, pictures };
  } catch (cause) {
    frame.remove();
    throw cause;
  }
}

function put(node: SceneNode & LayoutMixin, x: number, y: number): void {
  node.x = x;
  node.y = y;
}
