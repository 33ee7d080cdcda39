// The text in a layer that can stay text: lifted above the layer's result it looks as it did. Text that another layer covers,
// cuts off or blends can not.

import { hasVisiblePaint } from "./paints.ts";
import { childrenBackToFront } from "./stacking.ts";

export interface Texts {
  /** Back to front. */
  lifted: TextNode[];
  covered: TextNode[];
}

/** What is drawn, back to front. */
interface Painted {
  bounds: Rect;
  text: TextNode | null;
  /** Text that looks the same outside of what it lies in. */
  plain: boolean;
}

const PLAIN_BLENDS: readonly string[] = ["NORMAL", "PASS_THROUGH"];
/** Boxes are rounded here and there. */
const TOLERANCE_PX = 1;

export function textsOf(content: SceneNode): Texts {
  const painted: Painted[] = [];
  if ("children" in content) collect(content, isPlain(content), [], painted);
  const texts: Texts = { lifted: [], covered: [] };
  const above: Rect[] = [];
  for (const { bounds, text, plain } of painted.reverse()) {
    if (text !== null && plain && !above.some((other) => overlap(bounds, other))) texts.lifted.unshift(text);
    else {
      above.push(bounds);
      if (text !== null) texts.covered.unshift(text);
    }
  }
  return texts;
}

export function holdsText(node: SceneNode): boolean {
  if (!("children" in node)) return false;
  return node.children.some((child) => child.visible && (isText(child) || holdsText(child)));
}

function collect(parent: SceneNode & ChildrenMixin, plain: boolean, clips: readonly Rect[], painted: Painted[]): void {
  const inside = "clipsContent" in parent && parent.clipsContent ? [...clips, boundsOf(parent)] : clips;
  let masked = false;
  for (const child of childrenBackToFront(parent)) {
    if (!child.visible) continue;
    if ("isMask" in child && child.isMask) {
      masked = true;
      continue;
    }
    const bounds = boundsOf(child);
    const isFree = plain && !masked && inside.every((clip) => contains(clip, bounds));
    if (isText(child)) painted.push({ bounds, text: child, plain: isFree && hasPlainBlend(child) });
    else if (!("children" in child)) painted.push({ bounds, text: null, plain: false });
    else {
      if (hasVisiblePaint(child)) painted.push({ bounds, text: null, plain: false });
      collect(child, plain && !masked && isPlain(child) && !hasEffect(child), inside, painted);
    }
  }
}

function isText(node: SceneNode): node is TextNode {
  return node.type === "TEXT" && node.characters.trim() !== "";
}

/** What is in it looks as it would outside. */
function isPlain(node: SceneNode): boolean {
  const opaque = !("opacity" in node) || node.opacity === 1;
  const blurred = "effects" in node && node.effects.some(({ type, visible }) => visible && /BLUR/.test(type));
  return opaque && hasPlainBlend(node) && !blurred;
}

function hasPlainBlend(node: SceneNode): boolean {
  return !("blendMode" in node) || PLAIN_BLENDS.includes(node.blendMode);
}

/** A group's shadow is that of the text in it. */
function hasEffect(node: SceneNode): boolean {
  return "effects" in node && node.effects.some(({ visible }) => visible);
}

function boundsOf(node: SceneNode): Rect {
  return node.absoluteBoundingBox ?? { x: 0, y: 0, width: 0, height: 0 };
}

function overlap(a: Rect, b: Rect): boolean {
  const beside = a.x + a.width - TOLERANCE_PX <= b.x || b.x + b.width - TOLERANCE_PX <= a.x;
  return !beside && a.y + a.height - TOLERANCE_PX > b.y && b.y + b.height - TOLERANCE_PX > a.y;
}

function contains(outer: Rect, inner: Rect): boolean {
  const [right, bottom] = [outer.x + outer.width + TOLERANCE_PX, outer.y + outer.height + TOLERANCE_PX];
  const starts = inner.x >= outer.x - TOLERANCE_PX && inner.y >= outer.y - TOLERANCE_PX;
  return starts && inner.x + inner.width <= right && inner.y + inner.height <= bottom;
}
