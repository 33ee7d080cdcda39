// Layers of the stand-in document as a plugin sees them: Figma's property names over plain state, with Figma's refusals.

import type { StandInDocument } from "./document.ts";
import {
  absoluteBounds,
  absoluteTransform,
  get,
  groupBox,
  invert,
  isGroup,
  layOut,
  makesSpace,
  moveChildren,
  multiply,
  renderBounds,
  rotated,
  rotationOf,
  spaceOf,
} from "./geometry.ts";
import type { Matrix, NodeState } from "./state.ts";
import { drawNode } from "./svg.ts";

/** setPluginData refuses entries above this. */
const PLUGIN_DATA_LIMIT = 100_000;
const RELAUNCH_LIMIT = 1000;

const CHILDREN = ["children", "insertChild", "appendChild", "findAllWithCriteria"];
const FRAME_ONLY = ["clipsContent", "layoutMode", "itemReverseZIndex"];
const CORNERS = ["cornerSmoothing", "topLeftRadius", "topRightRadius", "bottomRightRadius", "bottomLeftRadius"];
const PLACED = [
  "absoluteTransform",
  "relativeTransform",
  "absoluteBoundingBox",
  "x",
  "y",
  "visible",
  "locked",
  "fills",
  "resolvedVariableModes",
];

/** Properties that the types do not have: `in` says so, and reading or writing one throws. */
const ABSENT: Record<NodeState["type"], readonly string[]> = {
  DOCUMENT: [...PLACED, ...FRAME_ONLY, ...CORNERS, "exportAsync", "constraints", "clone"],
  PAGE: [...PLACED, ...FRAME_ONLY, ...CORNERS, "constraints", "documentColorProfile"],
  FRAME: ["characters"],
  COMPONENT: ["characters"],
  COMPONENT_SET: ["characters"],
  INSTANCE: ["characters"],
  SLOT: ["characters"],
  TRANSFORM_GROUP: ["characters", "constraints", "fills", "strokes", "cornerRadius", ...FRAME_ONLY, ...CORNERS],
  SECTION: ["characters", "constraints", "rotation", "opacity", "effects", ...FRAME_ONLY],
  GROUP: ["characters", "constraints", "fills", "strokes", "cornerRadius", ...FRAME_ONLY, ...CORNERS],
  BOOLEAN_OPERATION: ["characters", ...FRAME_ONLY, ...CORNERS],
  RECTANGLE: ["characters", ...CHILDREN, ...FRAME_ONLY],
  ELLIPSE: ["characters", ...CHILDREN, ...FRAME_ONLY, ...CORNERS],
  VECTOR: ["characters", ...CHILDREN, ...FRAME_ONLY, ...CORNERS],
  TEXT: ["cornerRadius", ...CHILDREN, ...FRAME_ONLY, ...CORNERS],
};

/** The layer as a plugin sees it. */
export function asPlugin(node: StandInNode): StandInNode {
  const isAbsent = (name: string | symbol): boolean =>
    typeof name === "string" && !node.removed && ABSENT[node.type].includes(name);
  const refuse = (name: string | symbol): never => {
    throw new TypeError(`no such property '${String(name)}' on ${node.type} node`);
  };
  return new Proxy(node, {
    has: (target, name) => !isAbsent(name) && name in target,
    get: (target, name) => (isAbsent(name) ? refuse(name) : Reflect.get(target, name, target)),
    set: (target, name, value) =>
      isAbsent(name) || !(name in target) ? refuse(name) : Reflect.set(target, name, value, target),
  });
}

/** The part of Figma's node types that the stand-in has; the plugin is written against Figma's own typings. */
export class StandInNode {
  readonly id: string;
  private readonly document: StandInDocument;

  constructor(document: StandInDocument, id: string) {
    this.document = document;
    this.id = id;
  }

  /** Throws what Figma throws once the layer was deleted. */
  private get state(): NodeState {
    return get(this.document.state, this.id);
  }

  private change(what: (state: NodeState) => void): void {
    if (this.document.readOnly) throw new Error("This file is in view-only mode");
    const { state } = this;
    what(state);
    if (state.parent !== null) layOut(this.document.state, get(this.document.state, state.parent));
  }

  get type(): NodeState["type"] {
    return this.state.type;
  }
  get removed(): boolean {
    return !this.document.state.nodes.has(this.id);
  }
  get parent(): StandInNode | null {
    return this.state.parent === null ? null : this.document.wrap(this.state.parent);
  }
  get children(): readonly StandInNode[] {
    if (this.type === "PAGE") this.document.requireLoaded(this.id);
    return this.state.children.map((id) => this.document.wrap(id));
  }

  get name(): string {
    return this.state.name;
  }
  set name(name: string) {
    this.change((state) => {
      state.name = name;
    });
  }
  get visible(): boolean {
    return this.state.visible;
  }
  set visible(visible: boolean) {
    this.change((state) => {
      state.visible = visible;
    });
  }
  get locked(): boolean {
    return this.state.locked;
  }
  set locked(locked: boolean) {
    this.change((state) => {
      state.locked = locked;
    });
  }
  get opacity(): number {
    return this.state.opacity;
  }
  set opacity(opacity: number) {
    this.change((state) => {
      state.opacity = opacity;
    });
  }
  get blendMode(): string {
    return this.state.blendMode;
  }
  set blendMode(blendMode: string) {
    this.change((state) => {
      state.blendMode = blendMode;
    });
  }
  get isMask(): boolean {
    return this.state.isMask;
  }
  set isMask(isMask: boolean) {
    this.change((state) => {
      state.isMask = isMask;
    });
  }
  get clipsContent(): boolean {
    return this.state.clipsContent;
  }
  set clipsContent(clipsContent: boolean) {
    this.change((state) => {
      state.clipsContent = clipsContent;
    });
  }
  get fills(): readonly Paint[] {
    return this.state.fills;
  }
  set fills(fills: readonly Paint[]) {
    if (isGroup(this.state)) throw new Error("in set_fills: groups have no fills");
    this.change((state) => {
      state.fills = fills;
    });
  }
  get strokes(): readonly Paint[] {
    return this.state.strokes;
  }
  get effects(): readonly Effect[] {
    return this.state.effects;
  }
  set effects(effects: readonly Effect[]) {
    this.change((state) => {
      state.effects = effects;
    });
  }
  get constraints(): Constraints {
    return this.state.constraints;
  }
  set constraints(constraints: Constraints) {
    this.change((state) => {
      state.constraints = constraints;
    });
  }
  get characters(): string {
    return this.state.characters;
  }
  set characters(characters: string) {
    this.requireFont("characters");
    this.change((state) => {
      state.characters = characters;
    });
  }
  get fontSize(): number {
    return this.state.fontSize;
  }
  set fontSize(fontSize: number) {
    this.requireFont("fontSize");
    this.change((state) => {
      state.fontSize = fontSize;
    });
  }
  /** The one that Figma gives a new text. */
  get fontName(): FontName {
    return { family: "Inter", style: "Regular" };
  }
  set fontName({ family, style }: FontName) {
    if (family !== "Inter" || style !== "Regular") throw new Error("the stand-in has one font");
    this.requireFont("fontName");
  }
  private requireFont(property: string): void {
    const { family, style } = this.fontName;
    if (this.document.loadedFonts.has(`${family} ${style}`)) return;
    throw new Error(`in set_${property}: Cannot write to node with unloaded font "${family} ${style}"`);
  }

  get cornerRadius(): number | symbol {
    const [first, ...others] = this.state.radii;
    return others.every((radius) => radius === first) ? first : this.document.mixed;
  }
  set cornerRadius(radius: number | symbol) {
    if (typeof radius !== "number") throw new Error("in set_cornerRadius: Expected number, got symbol");
    this.change((state) => {
      state.radii = [radius, radius, radius, radius];
    });
  }
  get topLeftRadius(): number {
    return this.state.radii[0];
  }
  set topLeftRadius(radius: number) {
    this.setRadius(0, radius);
  }
  get topRightRadius(): number {
    return this.state.radii[1];
  }
  set topRightRadius(radius: number) {
    this.setRadius(1, radius);
  }
  get bottomRightRadius(): number {
    return this.state.radii[2];
  }
  set bottomRightRadius(radius: number) {
    this.setRadius(2, radius);
  }
  get bottomLeftRadius(): number {
    return this.state.radii[3];
  }
  set bottomLeftRadius(radius: number) {
    this.setRadius(3, radius);
  }
  get cornerSmoothing(): number {
    return this.state.cornerSmoothing;
  }
  set cornerSmoothing(smoothing: number) {
    this.change((state) => {
      state.cornerSmoothing = smoothing;
    });
  }
  private setRadius(corner: 0 | 1 | 2 | 3, radius: number): void {
    this.change((state) => {
      state.radii[corner] = radius;
    });
  }

  get layoutMode(): NodeState["layoutMode"] {
    return this.state.layoutMode;
  }
  get itemReverseZIndex(): boolean {
    return this.state.itemReverseZIndex;
  }
  get layoutPositioning(): NodeState["layoutPositioning"] {
    return this.state.layoutPositioning;
  }
  set layoutPositioning(positioning: NodeState["layoutPositioning"]) {
    const parent = this.parent;
    if (parent === null || parent.state.layoutMode === "NONE") {
      throw new Error(
        "in set_layoutPositioning: Can only set layoutPositioning = ABSOLUTE if the parent node has layoutMode !== NONE",
      );
    }
    this.change((state) => {
      state.layoutPositioning = positioning;
    });
  }
  get layoutAlign(): NodeState["layoutAlign"] {
    return this.state.layoutAlign;
  }
  set layoutAlign(align: NodeState["layoutAlign"]) {
    this.change((state) => {
      state.layoutAlign = align;
    });
  }
  get layoutGrow(): number {
    return this.state.layoutGrow;
  }
  set layoutGrow(grow: number) {
    this.change((state) => {
      state.layoutGrow = grow;
    });
  }

  get x(): number {
    return this.relativeTransform[0][2];
  }
  set x(x: number) {
    const [row, other] = this.relativeTransform;
    this.relativeTransform = [[row[0], row[1], x], other];
  }
  get y(): number {
    return this.relativeTransform[1][2];
  }
  set y(y: number) {
    const [other, row] = this.relativeTransform;
    this.relativeTransform = [other, [row[0], row[1], y]];
  }
  get width(): number {
    return isGroup(this.state) ? groupBox(this.document.state, this.state).width : this.state.width;
  }
  get height(): number {
    return isGroup(this.state) ? groupBox(this.document.state, this.state).height : this.state.height;
  }
  get rotation(): number {
    return rotationOf(this.state.transform);
  }
  set rotation(degrees: number) {
    this.change((state) => {
      state.transform = rotated(state.transform, degrees);
    });
  }
  get relativeTransform(): Matrix {
    if (!isGroup(this.state)) return this.state.transform.map((row) => [...row]) as Matrix;
    return multiply(invert(spaceOf(this.document.state, this.state)), this.absoluteTransform);
  }
  set relativeTransform(transform: Matrix) {
    const moved = multiply(transform, invert(this.relativeTransform));
    this.change((state) => {
      if (!makesSpace(state)) moveChildren(this.document.state, state, moved);
      state.transform = transform.map((row) => [...row]) as Matrix;
    });
  }
  get absoluteTransform(): Matrix {
    return absoluteTransform(this.document.state, this.state);
  }
  get absoluteBoundingBox(): Rect | null {
    return absoluteBounds(this.document.state, this.state);
  }
  get absoluteRenderBounds(): Rect | null {
    return this.state.visible ? renderBounds(this.document.state, this.state) : null;
  }
  resize(width: number, height: number): void {
    if (!(width >= 0.01 && height >= 0.01)) throw new Error("in resize: width and height must be >= 0.01");
    this.change((state) => {
      state.width = width;
      state.height = height;
    });
  }
  resizeWithoutConstraints(width: number, height: number): void {
    this.resize(width, height);
  }

  insertChild(index: number, child: StandInNode): void {
    if (this.type === "PAGE") this.document.requireLoaded(this.id);
    for (let node: StandInNode | null = this; node !== null; node = node.parent) {
      if (node.type === "INSTANCE")
        throw new Error("in insertChild: Cannot move node. New parent is an instance or is inside of an instance");
      if (node.id === child.id) throw new Error("in insertChild: cannot insert a node into itself");
    }
    if (this.type === "COMPONENT_SET" && child.type !== "COMPONENT") {
      throw new Error("in insertChild: Cannot move non-component node into a component set");
    }
    if (index < 0 || index > this.state.children.length) throw new Error("in insertChild: index out of range");
    this.document.attach(child.id, this.id, index);
    layOut(this.document.state, this.state);
  }
  appendChild(child: StandInNode): void {
    this.insertChild(this.state.children.length, child);
  }
  /** A copy in front of everything on the current page, as Figma makes it. */
  clone(): StandInNode {
    return this.document.cloneNode(this.id, this.document.state.currentPage);
  }
  /** An instance of this component, as it looks now. */
  createInstance(): StandInNode {
    if (this.type !== "COMPONENT") throw new TypeError(`not a function on ${this.type} node`);
    const copy = this.document.cloneNode(this.id, this.document.state.currentPage);
    get(this.document.state, copy.id).type = "INSTANCE";
    return copy;
  }
  remove(): void {
    if (this.id === this.document.state.currentPage) throw new Error("in remove: Cannot remove the current page");
    this.document.removeNode(this.id);
  }
  get resolvedVariableModes(): Record<string, string> {
    const modes = Object.fromEntries(
      this.document.collections.map(({ id, modes: [first] }) => [id, first?.modeId ?? ""]),
    );
    const ancestors: NodeState[] = [];
    for (let id: string | null = this.id; id !== null; id = get(this.document.state, id).parent) {
      ancestors.unshift(get(this.document.state, id));
    }
    return Object.assign(modes, ...ancestors.map((ancestor) => ancestor.modes));
  }
  setExplicitVariableModeForCollection(collection: { id: string }, modeId: string): void {
    if (typeof collection !== "object")
      throw new Error("in setExplicitVariableModeForCollection: pass a collection, not an id");
    this.change((state) => {
      state.modes[collection.id] = modeId;
    });
  }
  findAllWithCriteria(criteria: {
    types?: readonly string[];
    pluginData?: { keys?: readonly string[] };
  }): StandInNode[] {
    if (this.type === "PAGE") this.document.requireLoaded(this.id);
    const { types, pluginData } = criteria;
    const keys = pluginData?.keys;
    return this.children.flatMap((child) => {
      const isOf = types === undefined || types.includes(child.type);
      const holds = keys === undefined || keys.some((key) => child.getPluginData(key) !== "");
      return [...(isOf && holds ? [child] : []), ...("children" in child ? child.findAllWithCriteria(criteria) : [])];
    });
  }

  getPluginData(key: string): string {
    return this.state.pluginData[key] ?? "";
  }
  setPluginData(key: string, value: string): void {
    if (key.length + value.length > PLUGIN_DATA_LIMIT) {
      throw new Error("in setPluginData: The total size of the entry (key and value) exceeds 100 kB");
    }
    this.change((state) => {
      if (value === "") delete state.pluginData[key];
      else state.pluginData[key] = value;
    });
  }
  getRelaunchData(): Record<string, string> {
    return { ...this.state.relaunchData };
  }
  setRelaunchData(data: Record<string, string>): void {
    for (const [command, description] of Object.entries(data)) {
      if (!this.document.relaunchCommands.includes(command)) {
        throw new Error(`in setRelaunchData: the manifest has no relaunch button "${command}"`);
      }
      if (description.length > RELAUNCH_LIMIT) throw new Error("in setRelaunchData: description is too long");
    }
    this.change((state) => {
      state.relaunchData = { ...data };
    });
  }

  /** PNG only, as it stands on the page, without what lies behind; "WIDTH" and "HEIGHT" fix one side, "SCALE" multiplies. */
  async exportAsync(settings: ExportSettingsImage): Promise<Uint8Array> {
    if (settings.format !== "PNG") throw new Error("the stand-in exports PNG");
    if (!this.visible || this.width === 0)
      throw new Error("in exportAsync: Failed to export node. This node may not have any visible layers.");
    const { type, value } = settings.constraint ?? { type: "SCALE", value: 1 };
    const { state, images, platform } = this.document;
    const bounds = settings.useAbsoluteBounds ? absoluteBounds(state, this.state) : renderBounds(state, this.state);
    const scale = type === "SCALE" ? value : value / (type === "WIDTH" ? bounds.width : bounds.height);
    const drawing = drawNode(state, images, platform.base64, this.state, scale, bounds);
    return platform.rasterize(drawing);
  }

  async loadAsync(): Promise<void> {
    if (this.document.pageFailure !== null) throw new Error(this.document.pageFailure);
    this.document.loadedPages.add(this.id);
  }
  get selection(): readonly StandInNode[] {
    return this.document.selectionOf(this.id);
  }
  set selection(nodes: readonly StandInNode[]) {
    this.document.select(nodes.map(({ id }) => id));
  }
  get documentColorProfile(): "SRGB" | "DISPLAY_P3" {
    return this.document.colorProfile;
  }
}
