// A place on the page for what is no layer above another one: to the right of what it was made from, or in view.

const GAP_PX = 80;

/** Where a box of this size touches nothing that lies on the page, px. */
export function placeBeside(page: PageNode, layer: SceneNode, width: number, height: number): { x: number; y: number } {
  const top = onPage(layer);
  const box = top.absoluteBoundingBox ?? { x: 0, y: 0, width: 0, height: 0 };
  const others = page.children.flatMap(({ absoluteBoundingBox }) => absoluteBoundingBox ?? []);
  const { y } = box;
  let x = box.x + box.width + GAP_PX;
  for (;;) {
    const inTheWay = others.filter(
      (other) => other.x < x + width && x < other.x + other.width && other.y < y + height && y < other.y + other.height,
    );
    if (inTheWay.length === 0) return { x, y };
    x = Math.max(...inTheWay.map((other) => other.x + other.width)) + GAP_PX;
  }
}

/** Where a box of this size stands in the middle of what is seen, px. */
export function middleOfView(width: number, height: number): { x: number; y: number } {
  const view = figma.viewport.bounds;
  return { x: Math.round(view.x + (view.width - width) / 2), y: Math.round(view.y + (view.height - height) / 2) };
}

/** The layer itself, or what it lies in, right on the page. */
function onPage(layer: SceneNode): SceneNode {
  let at = layer;
  while (at.parent !== null && at.parent.type !== "PAGE" && at.parent.type !== "DOCUMENT") at = at.parent as SceneNode;
  return at;
}
