// Places of layers on the page: matrices, bounds, and the simplest auto layout (a row or a column with gaps).

import { type DocumentState, IDENTITY, type Matrix, type NodeState } from "./state.ts";

export function multiply(a: Matrix, b: Matrix): Matrix {
  const cell = (i: 0 | 1, j: 0 | 1 | 2): number => a[i][0] * b[0][j] + a[i][1] * b[1][j] + (j === 2 ? a[i][2] : 0);
  return [
    [cell(0, 0), cell(0, 1), cell(0, 2)],
    [cell(1, 0), cell(1, 1), cell(1, 2)],
  ];
}

export function invert([[a, c, e], [b, d, f]]: Matrix): Matrix {
  const determinant = a * d - b * c;
  const [ia, ic, ib, id] = [d / determinant, -c / determinant, -b / determinant, a / determinant];
  return [
    [ia, ic, -(ia * e + ic * f)],
    [ib, id, -(ib * e + id * f)],
  ];
}

/** Rotation as Figma shows it: counter-clockwise degrees about the top-left corner. */
export function rotationOf([[a], [b]]: Matrix): number {
  return (-Math.atan2(b, a) * 180) / Math.PI;
}

export function rotated(transform: Matrix, degrees: number): Matrix {
  const radians = (-degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  return [
    [cos, -sin, transform[0][2]],
    [sin, cos, transform[1][2]],
  ];
}

export function get(state: DocumentState, id: string): NodeState {
  const node = state.nodes.get(id);
  if (node === undefined) throw new Error(`The node with id "${id}" does not exist`);
  return node;
}

/** Groups, boolean operations, pages and the document make no coordinate space of their own. */
export function makesSpace({ type }: NodeState): boolean {
  return ["FRAME", "SECTION", "COMPONENT", "COMPONENT_SET", "INSTANCE", "SLOT"].includes(type);
}

/** Groups are as large as what is in them, along their own axes. */
export function isGroup({ type }: NodeState): boolean {
  return type === "GROUP" || type === "TRANSFORM_GROUP";
}

/** A group's own axes and size. */
export function groupBox(state: DocumentState, group: NodeState): { absolute: Matrix; width: number; height: number } {
  const [[a, c], [b, d]] = spaceAround(state, group, group.transform);
  const axes: Matrix = [
    [a, c, 0],
    [b, d, 0],
  ];
  const corners = group.children.flatMap((id) => cornersOf(state, get(state, id)));
  const back = invert(axes);
  const { x, y, width, height } = boundsOf(corners.map(([px, py]) => apply(back, px, py)));
  const [left, top] = apply(axes, x, y);
  return {
    absolute: [
      [a, c, left],
      [b, d, top],
    ],
    width,
    height,
  };
}

type Point = readonly [number, number];

/** On the page. */
function cornersOf(state: DocumentState, node: NodeState): Point[] {
  if (isGroup(node)) return node.children.flatMap((id) => cornersOf(state, get(state, id)));
  const matrix = absoluteTransform(state, node);
  const { width, height } = node;
  return (
    [
      [0, 0],
      [width, 0],
      [0, height],
      [width, height],
    ] as const
  ).map(([x, y]) => apply(matrix, x, y));
}

export function absoluteTransform(state: DocumentState, node: NodeState): Matrix {
  return isGroup(node) ? groupBox(state, node).absolute : spaceAround(state, node, node.transform);
}

/** A transform of the node's own, on the page. */
function spaceAround(state: DocumentState, node: NodeState, own: Matrix): Matrix {
  return multiply(spaceOf(state, node), own);
}

/** Where the node is placed: in the nearest ancestor with a space of its own, seen from the page. */
export function spaceOf(state: DocumentState, { parent }: NodeState): Matrix {
  if (parent === null) return IDENTITY;
  const around = get(state, parent);
  return makesSpace(around) ? spaceAround(state, around, around.transform) : spaceOf(state, around);
}

/** The node's matrix in another node's space, e.g. for a picture of that other node. */
export function transformWithin(state: DocumentState, node: NodeState, space: Matrix): Matrix {
  return multiply(invert(space), absoluteTransform(state, node));
}

export function boundsOf(corners: readonly Point[]): Rect {
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

export function absoluteBounds(state: DocumentState, node: NodeState): Rect {
  return boundsOf(cornersOf(state, node));
}

/** With what stands out of the node's own bounds: strokes, shadows, what a frame does not clip. */
export function renderBounds(state: DocumentState, node: NodeState): Rect {
  const { x, y, width, height } = absoluteBounds(state, node);
  const out = Math.max(
    node.strokes.length > 0 ? 1 : 0,
    ...node.effects.map((effect) => ("radius" in effect ? (effect.radius ?? 0) : 0)),
  );
  const own = [[x - out, y - out] as const, [x + width + out, y + height + out] as const];
  const children = node.clipsContent ? [] : node.children.map((id) => renderBounds(state, get(state, id)));
  return boundsOf([
    ...own,
    ...children.flatMap((box) => [[box.x, box.y] as const, [box.x + box.width, box.y + box.height] as const]),
  ]);
}

/** Puts the automatic children of an auto-layout frame in a row or a column; absolute ones stay. */
export function layOut(state: DocumentState, frame: NodeState): void {
  if (frame.layoutMode === "NONE") return;
  let at = frame.padding;
  for (const id of frame.children) {
    const child = get(state, id);
    if (child.layoutPositioning === "ABSOLUTE" || !child.visible) continue;
    const horizontal = frame.layoutMode === "HORIZONTAL";
    const toFrame = invert(absoluteTransform(state, frame));
    const box = absoluteBounds(state, child);
    const [x, y] = apply(toFrame, box.x, box.y);
    move(state, child, (horizontal ? at : frame.padding) - x, (horizontal ? frame.padding : at) - y);
    at += (horizontal ? box.width : box.height) + frame.itemSpacing;
  }
}

/** What is in a group or a boolean operation goes where that goes. */
export function moveChildren(state: DocumentState, node: NodeState, moved: Matrix): void {
  for (const id of node.children) {
    const child = get(state, id);
    child.transform = multiply(moved, child.transform);
    if (!makesSpace(child)) moveChildren(state, child, moved);
  }
}

/** A group is where its children are. */
function move(state: DocumentState, node: NodeState, dx: number, dy: number): void {
  if (isGroup(node)) for (const id of node.children) move(state, get(state, id), dx, dy);
  node.transform[0][2] += dx;
  node.transform[1][2] += dy;
}

function apply([[a, c, e], [b, d, f]]: Matrix, x: number, y: number): [number, number] {
  return [a * x + c * y + e, b * x + d * y + f];
}
