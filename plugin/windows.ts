// What cuts off a content within an instance, frames that clip and masks, does not cut off a result above the instance.
// Empty copies of these, one in the other, do.

import { leaveFlow, type Place, within } from "./place.ts";
import { childrenBackToFront } from "./stacking.ts";
import { invert, multiply } from "./transform.ts";

type Around = SceneNode & ChildrenMixin;

interface Cut {
  around: Around;
  clips: boolean;
  mask: SceneNode | null;
}

const TOLERANCE_PX = 0.5;

/** Fills `frames` from the outermost on, also where it throws: they are the caller's to remove. */
export function openWindows(content: SceneNode, { parent, index, branch }: Place, frames: FrameNode[]): void {
  for (const { around, clips, mask } of cutsOf(content, branch)) {
    const outer = frames[frames.length - 1] ?? parent;
    const frame = figma.createFrame();
    frames.push(frame);
    outer.insertChild(outer === parent ? index : outer.children.length, frame);
    leaveFlow(frame, outer);
    frame.name = around.name;
    frame.fills = [];
    frame.clipsContent = clips;
    frame.resize(around.width, around.height);
    frame.relativeTransform = within(outer, around.absoluteTransform);
    if ("topLeftRadius" in around) copyRadii(around, frame);
    if (mask !== null) copyMask(mask, frame);
  }
}

/** From the outermost to the one around the content. */
function cutsOf(content: SceneNode, branch: BaseNode): Cut[] {
  const cuts: Cut[] = [];
  for (let child = content; child.id !== branch.id; ) {
    const around = child.parent as Around;
    const clips = "clipsContent" in around && around.clipsContent && !showsWhole(around, content);
    const mask = maskOf(child, around);
    if (clips || mask !== null) cuts.unshift({ around, clips, mask });
    child = around;
  }
  return cuts;
}

function showsWhole(around: Around, { width, height, absoluteTransform }: SceneNode): boolean {
  if ("topLeftRadius" in around) {
    const { topLeftRadius, topRightRadius, bottomRightRadius, bottomLeftRadius } = around;
    if (Math.max(topLeftRadius, topRightRadius, bottomRightRadius, bottomLeftRadius) > 0) return false;
  }
  const [[a, c, e], [b, d, f]] = multiply(invert(around.absoluteTransform), absoluteTransform);
  return [0, width].every((x) =>
    [0, height].every((y) => {
      const [px, py] = [a * x + c * y + e, b * x + d * y + f];
      const isInside = px >= -TOLERANCE_PX && px <= around.width + TOLERANCE_PX;
      return isInside && py >= -TOLERANCE_PX && py <= around.height + TOLERANCE_PX;
    }),
  );
}

/** The mask that the child lies in front of. */
function maskOf(child: SceneNode, around: Around): SceneNode | null {
  let mask: SceneNode | null = null;
  for (const sibling of childrenBackToFront(around)) {
    if (sibling.id === child.id) return mask;
    if (sibling.visible && "isMask" in sibling && sibling.isMask) mask = sibling;
  }
  return null;
}

function copyRadii(from: RectangleCornerMixin, to: FrameNode): void {
  to.topLeftRadius = from.topLeftRadius;
  to.topRightRadius = from.topRightRadius;
  to.bottomRightRadius = from.bottomRightRadius;
  to.bottomLeftRadius = from.bottomLeftRadius;
}

function copyMask(mask: SceneNode, frame: FrameNode): void {
  const copy = mask.clone();
  frame.appendChild(copy);
  copy.relativeTransform = within(frame, mask.absoluteTransform);
}
