// Which layers can be content or style, and which of two is which.

/** A layer that the panel can show and name. */
export interface LayerSummary {
  id: string;
  name: string;
  /** px on the canvas */
  width: number;
  height: number;
  /** Why it cannot be used, in words for the designer; null when it can. */
  problem: string | null;
}

/** Longest name that is sent to the panel. */
const NAME_LENGTH = 200;

export function summarize(node: SceneNode): LayerSummary {
  return {
    id: node.id,
    name: node.name.slice(0, NAME_LENGTH),
    width: node.width,
    height: node.height,
    problem: problemOf(node),
  };
}

function problemOf(node: SceneNode): string | null {
  if (!("exportAsync" in node)) return "This kind of layer has no picture.";
  if (isHidden(node)) return "This layer is hidden. Show it first.";
  if (node.width < 1 || node.height < 1) return "This layer is too small.";
  if ("children" in node && node.children.length === 0 && !hasVisibleFill(node)) return "This layer is empty.";
  return null;
}

function isHidden(node: SceneNode): boolean {
  for (let at: BaseNode | null = node; at !== null && at.type !== "PAGE"; at = at.parent) {
    if ("visible" in at && !at.visible) return true;
  }
  return false;
}

function hasVisibleFill(node: SceneNode): boolean {
  if (!("fills" in node) || typeof node.fills === "symbol") return true;
  return node.fills.some((paint) => paint.visible !== false);
}

/** What tells content from style: what was used before, and the order of selecting. */
export interface RoleHints {
  /** Ids of layers that served as style before, in this file. */
  knownStyles: readonly string[];
  /** Ids in the order in which they were selected; the style is usually clicked last. */
  order: readonly string[];
}

const STYLE_WORDS = /\b(style|painting|texture|pattern|reference|palette|artwork)\b/i;

/**
 * Content first, style second. A layer that was a style before is the style; then one whose name says so;
 * else the one selected last. The panel shows the guess and can swap it.
 */
export function guessRoles<L extends { id: string; name: string }>(pair: readonly [L, L], hints: RoleHints): [L, L] {
  const [first, second] = pair;
  const likeness = (layer: L): number =>
    (hints.knownStyles.includes(layer.id) ? 4 : 0) +
    (STYLE_WORDS.test(layer.name) ? 2 : 0) +
    (hints.order.indexOf(layer.id) === hints.order.length - 1 ? 1 : 0);
  return likeness(first) > likeness(second) ? [second, first] : [first, second];
}

/** Keeps the order in which layers were added to the selection; Figma itself does not tell. */
export function nextOrder(order: readonly string[], selected: readonly string[]): string[] {
  const kept = order.filter((id) => selected.includes(id));
  return [...kept, ...selected.filter((id) => !kept.includes(id))];
}
