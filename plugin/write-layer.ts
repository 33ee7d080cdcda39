// Puts a result right above its content: same parent, bounds, rotation and corners; above it copies of the text that
// stays text. The content is not touched.

import type { LayerRecipe } from "../companion/protocol/host/layer-types.ts";
import type { InsertedPicture, InsertedResult, Tile } from "../companion/protocol/host/messages.ts";
import { leaveFlow, type Parent, placeFor, within } from "./place.ts";
import { textsOf } from "./texts.ts";
import { multiply } from "./transform.ts";
import { openWindows } from "./windows.ts";

/** Key of the plugin data that holds a result's recipe. */
export const RECIPE_KEY = "recipe";
/** Figma refuses entries above 100 kB; a recipe beyond this is left out rather than the result. */
const RECIPE_BYTES = 90_000;
const RELAUNCH_LENGTH = 1000;

interface Piece {
  node: RectangleNode | TextNode;
  transform: Transform;
}

/** Returns the new layer. Throws an Error whose message can be shown; nothing is left behind then. */
export function insertAbove(content: SceneNode, result: InsertedResult): SceneNode {
  const layer = placeAbove(content, result, result.recipe.keepText);
  describeMaking(layer, result.recipe);
  return layer;
}

/** The same of a picture that remembers nothing. */
export function placeAbove(content: SceneNode, result: InsertedPicture, keepText: boolean): SceneNode {
  const place = placeFor(content);
  const images = result.tiles.map(({ bytes }) => figma.createImage(bytes));
  const windows: FrameNode[] = [];
  const pieces: Piece[] = [];
  try {
    openWindows(content, place, windows);
    const window = windows[windows.length - 1];
    const parent = window ?? place.parent;
    const index = window === undefined ? place.index : window.children.length;
    for (const [at, tile] of result.tiles.entries()) {
      const rectangle = figma.createRectangle();
      const transform = transformOf(content, parent, result, tile);
      pieces.push({ node: rectangle, transform });
      parent.insertChild(index + at, rectangle);
      leaveFlow(rectangle, parent);
      fill(rectangle, (images[at] as Image).hash, content, result, tile);
    }
    for (const text of keepText ? textsOf(content).lifted : []) {
      pieces.push(lift(text, content, parent, index + pieces.length));
    }
    const joined = join(pieces, parent, index);
    leaveFlow(joined, parent);
    for (const { node, transform } of pieces) node.relativeTransform = transform;
    const layer = windows[0] ?? joined;
    layer.name = result.name;
    return layer;
  } catch (cause) {
    for (const node of [...pieces.map((piece) => piece.node), ...windows]) if (!node.removed) node.remove();
    throw cause;
  }
}

/**
 * A newer picture of an older result: in its place and with what was done to it since where it is one picture, grown as its
 * content was; else new above the content. Throws as insertAbove does.
 */
export function replaceResult(
  older: SceneNode,
  content: SceneNode,
  result: InsertedResult,
  [x, y]: [number, number],
): SceneNode {
  const [tile, ...others] = result.tiles;
  if (older.type !== "RECTANGLE" || tile === undefined || others.length > 0) {
    const layer = insertAbove(content, result);
    older.remove();
    return layer;
  }
  older.fills = [{ type: "IMAGE", imageHash: figma.createImage(tile.bytes).hash, scaleMode: "FILL" }];
  if (x !== 1 || y !== 1) older.resize(older.width * x, older.height * y);
  describeMaking(older, result.recipe);
  return older;
}

/** A tile's place in the space of the parent's children. */
function transformOf(content: SceneNode, parent: Parent, result: InsertedPicture, tile: Tile): Transform {
  const own = content.parent?.id === parent.id ? content.relativeTransform : within(parent, content.absoluteTransform);
  return multiply(own, [
    [1, 0, (tile.x * content.width) / result.width],
    [0, 1, (tile.y * content.height) / result.height],
  ]);
}

function fill(rectangle: RectangleNode, imageHash: string, content: SceneNode, result: InsertedPicture, tile: Tile) {
  const { width, height } = content;
  rectangle.resize((tile.width * width) / result.width, (tile.height * height) / result.height);
  rectangle.fills = [{ type: "IMAGE", imageHash, scaleMode: "FILL" }];
  copyCorners(content, rectangle, result, tile);
  copyConstraints(content, rectangle, result.tiles.length > 1);
}

/** `part` of the result: what kept its distance to both sides would overlap its neighbors. */
function copyConstraints(from: SceneNode, to: RectangleNode | TextNode, part: boolean): void {
  if (!("constraints" in from)) return;
  const { horizontal, vertical } = from.constraints;
  to.constraints = {
    horizontal: part && horizontal === "STRETCH" ? "SCALE" : horizontal,
    vertical: part && vertical === "STRETCH" ? "SCALE" : vertical,
  };
}

/** A copy of a text in the content, at its place above the result. */
function lift(text: TextNode, content: SceneNode, parent: Parent, index: number): Piece {
  const transform = within(parent, text.absoluteTransform);
  const node = text.clone();
  parent.insertChild(index, node);
  leaveFlow(node, parent);
  copyConstraints(content, node, true);
  return { node, transform };
}

/** A tile has those corners of the content that it fills. */
function copyCorners(from: SceneNode, to: RectangleNode, result: InsertedPicture, tile: Tile): void {
  if (!("topLeftRadius" in from)) return;
  const [left, top] = [tile.x === 0, tile.y === 0];
  const [right, bottom] = [tile.x + tile.width >= result.width, tile.y + tile.height >= result.height];
  to.topLeftRadius = top && left ? from.topLeftRadius : 0;
  to.topRightRadius = top && right ? from.topRightRadius : 0;
  to.bottomRightRadius = bottom && right ? from.bottomRightRadius : 0;
  to.bottomLeftRadius = bottom && left ? from.bottomLeftRadius : 0;
  if ("cornerSmoothing" in from) to.cornerSmoothing = from.cornerSmoothing;
}

function join(pieces: readonly Piece[], parent: Parent, index: number): Piece["node"] | GroupNode {
  const nodes = pieces.map(({ node }) => node);
  const [only] = nodes;
  if (only === undefined) throw new Error("There is no picture to insert.");
  return nodes.length === 1 ? only : figma.group(nodes, parent, index);
}

/** The layer remembers how it was made, and offers to be made anew. */
export function describeMaking(layer: SceneNode, recipe: LayerRecipe): void {
  const text = JSON.stringify(recipe);
  if (byteLength(text) <= RECIPE_BYTES) layer.setPluginData(RECIPE_KEY, text);
  const words = `${recipe.contentName} in the style of ${recipe.styleName}`;
  layer.setRelaunchData({ restyle: words.slice(0, RELAUNCH_LENGTH) });
}

/** As UTF-8; the VM has no TextEncoder. */
function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
