// What the panel is told of a layer: name, kind, size, why it cannot be used, and how it was made.

import { type Layer, type LayerKind, type LayerRecipe, parseRecipe } from "../companion/protocol/host/layer-types.ts";
import { hasVisiblePaint } from "./paints.ts";
import { readData } from "./plugin-data.ts";
import { RECIPE_KEY } from "./write-layer.ts";

/** Longest name that is sent to the panel. */
const NAME_LENGTH = 200;

/** Without a look into it: `hasText` is for the selection (selection.ts). */
export function describeLayer(node: SceneNode): Layer {
  return {
    id: node.id,
    name: node.name.slice(0, NAME_LENGTH),
    kind: kindOf(node),
    width: Math.round(node.width),
    height: Math.round(node.height),
    problem: problemOf(node),
    recipe: recipeOf(node),
    box: node.absoluteBoundingBox,
    hasText: false,
  };
}

function kindOf(node: SceneNode): LayerKind {
  switch (node.type) {
    case "FRAME":
    case "SECTION":
      return "frame";
    case "GROUP":
      return "group";
    case "COMPONENT":
    case "COMPONENT_SET":
    case "INSTANCE":
      return "component";
    case "TEXT":
      return "text";
    default:
      return hasImageFill(node) ? "photo" : "shape";
  }
}

function hasImageFill(node: SceneNode): boolean {
  if (!("fills" in node) || typeof node.fills === "symbol") return false;
  return node.fills.some((paint) => paint.type === "IMAGE" && paint.visible !== false);
}

function problemOf(node: SceneNode): string | null {
  if (!("exportAsync" in node)) return "has no picture";
  if (isHidden(node)) return "is hidden. Show it first";
  if (node.width < 1 || node.height < 1) return "is too small";
  if (isEmpty(node)) return "is empty";
  return null;
}

function isHidden(node: SceneNode): boolean {
  for (let at: BaseNode | null = node; at !== null && at.type !== "PAGE"; at = at.parent) {
    if ("visible" in at && !at.visible) return true;
  }
  return false;
}

/** Nothing in it and nothing on it: Figma refuses to export it. */
function isEmpty(node: SceneNode): boolean {
  if (node.type === "TEXT") return node.characters.trim() === "";
  if ("children" in node && node.children.some(({ visible }) => visible)) return false;
  return !hasVisiblePaint(node);
}

/** What another plugin or a newer version wrote reads as no recipe. */
function recipeOf(node: SceneNode): LayerRecipe | null {
  return parseRecipe(readData(node, RECIPE_KEY));
}
