// Whether a layer itself shows anything, whatever is in it.

export function hasVisiblePaint(node: SceneNode): boolean {
  const fills = "fills" in node ? node.fills : [];
  const strokes = "strokes" in node ? node.strokes : [];
  if (typeof fills === "symbol") return true;
  return [...fills, ...strokes].some((paint) => paint.visible !== false);
}
