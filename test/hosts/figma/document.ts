// The stand-in document: pages and layers, selection, images, undo. Tests build it; figma.ts gives it to a plugin.

import { get, isGroup, layOut } from "./geometry.ts";
import { hashBytes, readImage, type StoredImage } from "./image.ts";
import { asPlugin, StandInNode } from "./node.ts";
import {
  copyDocument,
  type DocumentState,
  type NodeState,
  type NodeType,
  newNodeState,
  structuredCopy,
} from "./state.ts";
import { type Drawing, drawNode } from "./svg.ts";
import type { CollectionDescription, VariableDescription } from "./variables.ts";

/** What the surroundings lend: a real rasterizer, and base64 where the VM has none. */
export interface Platform {
  rasterize(drawing: Drawing): Promise<Uint8Array>;
  base64(bytes: Uint8Array): string;
}

export class StandInDocument {
  state: DocumentState;
  readonly platform: Platform;
  readonly images = new Map<string, StoredImage>();
  readonly loadedPages = new Set<string>();
  readonly loadedFonts = new Set<string>();
  readonly mixed = Symbol("figma.mixed");
  relaunchCommands: readonly string[] = [];
  collections: readonly CollectionDescription[] = [];
  variables: readonly VariableDescription[] = [];
  readOnly = false;
  /** As on the Starter plan. */
  maxPages = Number.POSITIVE_INFINITY;
  /** What Figma says instead of loading a page. */
  pageFailure: string | null = null;
  colorProfile: "SRGB" | "DISPLAY_P3" = "SRGB";
  onSelectionChange: () => void = () => {};
  onPageChange: () => void = () => {};
  private readonly wrappers = new Map<string, StandInNode>();
  /** States to go back to; the last is the latest committed one. */
  private readonly undoStack: DocumentState[] = [];

  constructor(platform: Platform, pageNames: readonly string[] = ["Page 1"]) {
    this.platform = platform;
    const root = newNodeState("0:0", "DOCUMENT", "Stand-in");
    this.state = { nodes: new Map([[root.id, root]]), currentPage: "0:1", selection: [], nextId: 1 };
    for (const name of pageNames) this.addPage(name);
    this.loadedPages.add(this.state.currentPage);
    this.commitUndo();
  }

  /** After all others; not loaded. */
  addPage(name = `Page ${this.pageIds.length + 1}`): StandInNode {
    if (this.readOnly) throw new Error("This file is in view-only mode");
    if (this.pageIds.length >= this.maxPages) {
      throw new Error(
        "in createPage: The Starter plan only comes with 3 pages. Upgrade to Professional for unlimited pages.",
      );
    }
    const page = { ...newNodeState(`0:${this.state.nextId++}`, "PAGE", name), parent: "0:0" };
    get(this.state, "0:0").children.push(page.id);
    this.state.nodes.set(page.id, page);
    return this.wrap(page.id);
  }

  /** The same object for the same layer, so that `===` works as in Figma. */
  wrap(id: string): StandInNode {
    const known = this.wrappers.get(id) ?? asPlugin(new StandInNode(this, id));
    this.wrappers.set(id, known);
    return known;
  }
  get root(): StandInNode {
    return this.wrap("0:0");
  }
  get currentPage(): StandInNode {
    return this.wrap(this.state.currentPage);
  }

  get pageIds(): readonly string[] {
    return get(this.state, "0:0").children;
  }
  get undoSteps(): number {
    return this.undoStack.length;
  }

  async goToPage(pageId: string): Promise<void> {
    this.loadedPages.add(pageId);
    this.state.currentPage = pageId;
    this.state.selection = [];
    this.onPageChange();
  }

  /** PNG of a layer as it stands on the page, `scale` px to each unit. */
  rasterizeNode(id: string, scale: number): Promise<Uint8Array> {
    const drawing = drawNode(this.state, this.images, this.platform.base64, get(this.state, id), scale);
    return this.platform.rasterize(drawing);
  }

  /** A new layer on the current page, in front. `set` writes the state directly: for tests and figma.createX. */
  add(type: NodeType, name: string, set: Partial<NodeState> = {}, parent = this.state.currentPage): StandInNode {
    const node = { ...newNodeState(`1:${this.state.nextId++}`, type, name), ...set };
    if (this.readOnly) throw new Error("This file is in view-only mode");
    this.state.nodes.set(node.id, node);
    this.attach(node.id, parent, get(this.state, parent).children.length);
    layOut(this.state, get(this.state, parent));
    return this.wrap(node.id);
  }

  addImage(bytes: Uint8Array): string {
    const hash = hashBytes(bytes);
    this.images.set(hash, readImage(bytes));
    return hash;
  }

  attach(id: string, parentId: string, index: number): void {
    if (this.readOnly) throw new Error("This file is in view-only mode");
    const node = get(this.state, id);
    const previous = node.parent === null ? null : get(this.state, node.parent);
    const parent = get(this.state, parentId);
    let at = index;
    if (previous !== null) {
      const before = previous.children.indexOf(id);
      previous.children.splice(before, 1);
      if (previous === parent && before < index) at--;
    }
    parent.children.splice(at, 0, id);
    node.parent = parentId;
    // As in Figma, a group is gone with its last child.
    if (previous !== null && isGroup(previous) && previous.children.length === 0) this.removeNode(previous.id);
  }

  cloneNode(id: string, parentId: string): StandInNode {
    const { id: _, children, parent: __, ...rest } = structuredCopy(get(this.state, id));
    const copy = this.add(rest.type, rest.name, { ...rest, children: [] }, parentId);
    for (const child of children) this.cloneNode(child, copy.id);
    return copy;
  }

  removeNode(id: string): void {
    const node = get(this.state, id);
    for (const child of [...node.children]) if (this.state.nodes.has(child)) this.removeNode(child);
    if (!this.state.nodes.has(id)) return;
    if (node.parent !== null) {
      const parent = get(this.state, node.parent);
      parent.children = parent.children.filter((child) => child !== id);
      layOut(this.state, parent);
      if (isGroup(parent) && parent.children.length === 0) this.removeNode(parent.id);
    }
    this.state.nodes.delete(id);
    this.select(this.state.selection.filter((selected) => selected !== id));
  }

  /** dynamic-page: a page's layers are there only once it was loaded. */
  requireLoaded(pageId: string): void {
    if (!this.loadedPages.has(pageId)) {
      throw new Error(
        "Cannot access children on a page that has not been explicitly loaded. Call page.loadAsync() first.",
      );
    }
  }

  select(ids: readonly string[]): void {
    const changed = ids.join() !== this.state.selection.join();
    this.state.selection = [...ids];
    if (changed) this.onSelectionChange();
  }
  selectionOf(pageId: string): readonly StandInNode[] {
    return pageId === this.state.currentPage ? this.state.selection.map((id) => this.wrap(id)) : [];
  }

  commitUndo(): void {
    this.undoStack.push(copyDocument(this.state));
  }
  /** Cmd+Z: back to the last committed state, or to the one before when nothing changed since. */
  undo(): void {
    const serialize = (state: DocumentState): string => JSON.stringify([...state.nodes]);
    const last = this.undoStack.at(-1);
    if (last !== undefined && serialize(last) === serialize(this.state) && this.undoStack.length > 1) {
      this.undoStack.pop();
    }
    const target = this.undoStack.at(-1);
    if (target !== undefined) this.state = copyDocument(target);
    this.onSelectionChange();
  }
}
