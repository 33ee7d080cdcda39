// Where a result goes: right above its content, in the nearest ancestor that takes it.

import { isFirstOnTop } from "./stacking.ts";
import { invert, makesSpace, multiply } from "./transform.ts";

/** What an outsider may not add a rectangle to, or what would be another shape with it. */
const CLOSED_TYPES: readonly string[] = ["INSTANCE", "BOOLEAN_OPERATION", "COMPONENT_SET", "TRANSFORM_GROUP"];

export type Parent = BaseNode & ChildrenMixin;

export interface Place {
  parent: Parent;
  index: number;
  /** What of the parent holds the content, or is it. */
  branch: BaseNode;
}

export function placeFor(content: SceneNode): Place {
  let branch: BaseNode = content;
  for (let at = content.parent; at !== null; at = at.parent) if (CLOSED_TYPES.includes(at.type)) branch = at;
  const { parent } = branch;
  if (parent === null) throw new Error("The layer was deleted, so there is nowhere to put the result.");
  const index = parent.children.indexOf(branch as SceneNode);
  return { parent, index: isFirstOnTop(parent) ? index : index + 1, branch };
}

/** Auto layout neither places it nor makes room for it; before it gets its size, which the parent's own may follow. */
export function leaveFlow(node: SceneNode & AutoLayoutChildrenMixin, parent: Parent): void {
  if ("layoutMode" in parent && parent.layoutMode !== "NONE") node.layoutPositioning = "ABSOLUTE";
}

/** A place on the page in the space of the parent's children. */
export function within(parent: Parent, absolute: Transform): Transform {
  for (let at: BaseNode | null = parent; at !== null; at = at.parent) {
    if (makesSpace(at)) return multiply(invert((at as FrameNode).absoluteTransform), absolute);
  }
  return absolute;
}
