// The stand-in document's memory: plain records by id, so that an undo step is a copy. No platform API is used:
// the same code runs in Node, in a browser page and inside QuickJS beside the built plugin.

export type NodeType =
  | "DOCUMENT"
  | "PAGE"
  | "FRAME"
  | "GROUP"
  | "SECTION"
  | "RECTANGLE"
  | "ELLIPSE"
  | "TEXT"
  | "VECTOR"
  | "BOOLEAN_OPERATION"
  | "COMPONENT"
  | "COMPONENT_SET"
  | "INSTANCE"
  | "SLOT"
  | "TRANSFORM_GROUP";

/** Row-major 2×3 matrix, as Figma's Transform. */
export type Matrix = [[number, number, number], [number, number, number]];

export interface NodeState {
  id: string;
  type: NodeType;
  name: string;
  parent: string | null;
  /** Back to front. */
  children: string[];
  /** Relative to the nearest frame, component, instance or page: groups make no coordinate space. */
  transform: Matrix;
  width: number;
  height: number;
  visible: boolean;
  locked: boolean;
  opacity: number;
  blendMode: string;
  isMask: boolean;
  fills: readonly Paint[];
  strokes: readonly Paint[];
  effects: readonly Effect[];
  /** Top left, top right, bottom right, bottom left. */
  radii: [number, number, number, number];
  cornerSmoothing: number;
  clipsContent: boolean;
  constraints: Constraints;
  layoutMode: "NONE" | "HORIZONTAL" | "VERTICAL";
  layoutPositioning: "AUTO" | "ABSOLUTE";
  layoutAlign: "MIN" | "CENTER" | "MAX" | "STRETCH" | "INHERIT";
  layoutGrow: number;
  /** The first child lies on top, in auto layout. */
  itemReverseZIndex: boolean;
  itemSpacing: number;
  padding: number;
  characters: string;
  fontSize: number;
  /** Modes of variables that were set on it, by their collections. */
  modes: Record<string, string>;
  pluginData: Record<string, string>;
  relaunchData: Record<string, string>;
}

export interface DocumentState {
  nodes: Map<string, NodeState>;
  currentPage: string;
  selection: string[];
  nextId: number;
}

export const IDENTITY: Matrix = [
  [1, 0, 0],
  [0, 1, 0],
];

export function newNodeState(id: string, type: NodeType, name: string): NodeState {
  const isContainer = ["FRAME", "COMPONENT", "COMPONENT_SET", "INSTANCE", "SECTION", "SLOT"].includes(type);
  return {
    id,
    type,
    name,
    parent: null,
    children: [],
    transform: structuredCopy(IDENTITY),
    width: 100,
    height: 100,
    visible: true,
    locked: false,
    opacity: 1,
    blendMode: "PASS_THROUGH",
    isMask: false,
    fills:
      type === "GROUP" || type === "TRANSFORM_GROUP" ? [] : [{ type: "SOLID", color: { r: 0.85, g: 0.85, b: 0.85 } }],
    strokes: [],
    effects: [],
    radii: [0, 0, 0, 0],
    cornerSmoothing: 0,
    clipsContent: isContainer,
    constraints: { horizontal: "MIN", vertical: "MIN" },
    layoutMode: "NONE",
    layoutPositioning: "AUTO",
    layoutAlign: "INHERIT",
    layoutGrow: 0,
    itemReverseZIndex: false,
    itemSpacing: 0,
    padding: 0,
    characters: "",
    fontSize: 12,
    modes: {},
    pluginData: {},
    relaunchData: {},
  };
}

/** Deep copy of plain data; QuickJS has no structuredClone. */
export function structuredCopy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(structuredCopy) as T;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, structuredCopy(item)])) as T;
}

export function copyDocument(state: DocumentState): DocumentState {
  return {
    nodes: new Map([...state.nodes].map(([id, node]) => [id, structuredCopy(node)])),
    currentPage: state.currentPage,
    selection: [...state.selection],
    nextId: state.nextId,
  };
}
