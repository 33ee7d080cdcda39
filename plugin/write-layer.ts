// Puts a result right above its content: same parent, bounds, rotation and corners. The content is not touched.

import type { InsertedResult, Tile } from "./messages.ts";
import { invert, multiply } from "./transform.ts";

/** Key of the plugin data that holds a result's recipe. */
export const RECIPE_KEY = "recipe";
/** Figma refuses entries above 100 kB; a recipe beyond this is left out rather than the result. */
const RECIPE_LENGTH = 90_000;

type Parent = BaseNode & ChildrenMixin;

/** Returns the new layer. Throws an Error whose message can be shown. */
export function insertAbove(content: SceneNode, result: InsertedResult): SceneNode {
  const { parent, index } = placeFor(content);
  const toParent = "absoluteTransform" in parent ? invert(parent.absoluteTransform) : null;
  const transform = toParent === null ? content.absoluteTransform : multiply(toParent, content.absoluteTransform);
  const pieces = result.tiles.map((tile) => placeTile(content, result, { parent, index, transform }, tile));
  const [only] = pieces;
  if (only === undefined) throw new Error("There is no picture to insert.");
  if (pieces.length === 1) copyCorners(content, only);
  const layer = pieces.length === 1 ? only : figma.group(pieces, parent, index);
  layer.name = result.name;
  if ("constraints" in content && "constraints" in layer) layer.constraints = content.constraints;
  const recipe = JSON.stringify(result.recipe);
  if (recipe.length <= RECIPE_LENGTH) layer.setPluginData(RECIPE_KEY, recipe);
  layer.setRelaunchData({ restyle: `${result.recipe.contentName} in the style of ${result.recipe.styleName}` });
  return layer;
}

/** The nearest ancestor that takes children (an instance does not), and the place right above the content's branch. */
function placeFor(content: SceneNode): { parent: Parent; index: number } {
  let branch: BaseNode = content;
  for (let at: BaseNode | null = content; at !== null; at = at.parent) {
    if (at.type === "INSTANCE" && at !== content) branch = at;
  }
  const parent = branch.parent as (BaseNode & ChildrenMixin) | null;
  if (parent === null) throw new Error("The layer was deleted, so there is nowhere to put the result.");
  return { parent, index: parent.children.indexOf(branch as SceneNode) + 1 };
}

function placeTile(
  content: SceneNode,
  result: InsertedResult,
  place: { parent: Parent; index: number; transform: Transform },
  tile: Tile,
): RectangleNode {
  const { parent, index, transform } = place;
  const image = figma.createImage(tile.bytes);
  const rectangle = figma.createRectangle();
  parent.insertChild(index, rectangle);
  if ("layoutMode" in parent && parent.layoutMode !== "NONE") rectangle.layoutPositioning = "ABSOLUTE";
  const [scaleX, scaleY] = [content.width / result.width, content.height / result.height];
  rectangle.resize(tile.width * scaleX, tile.height * scaleY);
  rectangle.relativeTransform = multiply(transform, [
    [1, 0, tile.x * scaleX],
    [0, 1, tile.y * scaleY],
  ]);
  rectangle.fills = [{ type: "IMAGE", imageHash: image.hash, scaleMode: "FILL" }];
  return rectangle;
}

function copyCorners(from: SceneNode, to: RectangleNode): void {
  if (!("topLeftRadius" in from)) return;
  to.topLeftRadius = from.topLeftRadius;
  to.topRightRadius = from.topRightRadius;
  to.bottomRightRadius = from.bottomRightRadius;
  to.bottomLeftRadius = from.bottomLeftRadius;
}
