// The global `figma` of the stand-in: the calls that the plugin makes, with the rules of documentAccess "dynamic-page".
// Figma's own messages cross between plugin and panel as plain data and Uint8Array only.

import type { StandInDocument } from "./document.ts";
import type { StandInNode } from "./node.ts";
import { makeClientStorage } from "./storage.ts";

export interface StandInRun {
  document: StandInDocument;
  command: string;
  parameters?: Record<string, unknown>;
  storage?: Record<string, unknown>;
  /** Panel → receives what the plugin posts. */
  toPanel(message: unknown): void;
  onNotify?(message: string, options: NotificationOptions | undefined): void;
  onShow?(options: ShowUIOptions | undefined): void;
  onClose?(message: string | undefined): void;
}

export interface StandInFigma {
  figma: Record<string, unknown>;
  /** Delivers a message of the panel to the plugin. */
  fromPanel(message: unknown): void;
  /** Starts the plugin's "run" listeners. */
  run(): void;
  select(nodes: readonly StandInNode[]): void;
  storage: ReturnType<typeof makeClientStorage>;
}

const NOTIFY_LIMIT = 100;

export function makeFigma(options: StandInRun): StandInFigma {
  const { document } = options;
  const listeners = new Map<string, ((event: unknown) => void)[]>();
  const panelListeners: ((message: unknown) => void)[] = [];
  const emit = (name: string, event: unknown): void => {
    for (const listener of [...(listeners.get(name) ?? [])]) listener(event);
  };
  const forbidden = (name: string): never => {
    throw new Error(`in ${name}: Cannot call with documentAccess: dynamic-page. Use ${name}Async instead.`);
  };
  document.onSelectionChange = () => emit("selectionchange", undefined);
  const storage = makeClientStorage(options.storage);
  const ui = {
    postMessage(message: unknown): void {
      checkMessage(message);
      options.toPanel(message);
    },
    on(_event: "message", listener: (message: unknown) => void): void {
      panelListeners.push(listener);
    },
    once(_event: "message", listener: (message: unknown) => void): void {
      panelListeners.push(listener);
    },
    off(_event: "message", listener: (message: unknown) => void): void {
      panelListeners.splice(panelListeners.indexOf(listener), 1);
    },
    onmessage: undefined as ((message: unknown, properties: unknown) => void) | undefined,
    resize(): void {},
    show(): void {},
    hide(): void {},
    close(): void {},
  };
  const figma = {
    editorType: "figma",
    mode: "default",
    command: options.command,
    mixed: document.mixed,
    skipInvisibleInstanceChildren: false,
    ui,
    clientStorage: storage,
    root: document.root,
    get currentPage() {
      return document.currentPage;
    },
    set currentPage(_page: unknown) {
      forbidden("set_currentPage");
    },
    viewport: {
      bounds: { x: -10_000, y: -10_000, width: 20_000, height: 20_000 },
      scrollAndZoomIntoView(): void {},
    },
    parameters: { on(): void {}, off(): void {} },
    on(name: string, listener: (event: unknown) => void): void {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    once(name: string, listener: (event: unknown) => void): void {
      figma.on(name, listener);
    },
    off(name: string, listener: (event: unknown) => void): void {
      listeners.set(
        name,
        (listeners.get(name) ?? []).filter((one) => one !== listener),
      );
    },
    showUI: (_html: string, show?: ShowUIOptions) => options.onShow?.(show),
    closePlugin(message?: string): void {
      emit("close", undefined);
      options.onClose?.(message);
    },
    notify(message: string, notification?: NotificationOptions): NotificationHandler {
      if (message.length > NOTIFY_LIMIT) throw new Error("in notify: message is longer than 100 characters");
      options.onNotify?.(message, notification);
      return { cancel() {} };
    },
    commitUndo: () => document.commitUndo(),
    triggerUndo: () => document.undo(),
    getNodeById: () => forbidden("getNodeById"),
    async getNodeByIdAsync(id: string) {
      return document.state.nodes.has(id) ? document.wrap(id) : null;
    },
    async setCurrentPageAsync(page: StandInNode): Promise<void> {
      await page.loadAsync();
      document.state.currentPage = page.id;
      document.select([]);
      emit("currentpagechange", undefined);
    },
    async loadAllPagesAsync(): Promise<void> {
      for (const page of document.root.children) await page.loadAsync();
    },
    createRectangle: () => document.add("RECTANGLE", "Rectangle"),
    createFrame: () => document.add("FRAME", "Frame"),
    group(nodes: readonly StandInNode[], parent: StandInNode, index = parent.children.length) {
      if (nodes.length === 0) throw new Error("in group: First argument must be an array of at least one node");
      const group = document.add("GROUP", "Group");
      parent.insertChild(index, group);
      for (const node of nodes) group.appendChild(node);
      return group;
    },
    createImage(bytes: Uint8Array) {
      if (!(bytes instanceof Uint8Array)) throw new Error("in createImage: Expected Uint8Array");
      return imageOf(document, document.addImage(bytes));
    },
    getImageByHash: (hash: string) => (document.images.has(hash) ? imageOf(document, hash) : null),
    base64Encode: (bytes: Uint8Array) => document.platform.base64(bytes),
  };
  return {
    figma,
    storage,
    fromPanel(message) {
      checkMessage(message);
      for (const listener of [...panelListeners]) listener(message);
      ui.onmessage?.(message, { origin: "null" });
    },
    run: () => emit("run", { command: options.command, parameters: options.parameters }),
    select: (nodes) => document.select(nodes.map(({ id }) => id)),
  };
}

function imageOf(document: StandInDocument, hash: string) {
  const image = document.images.get(hash);
  if (image === undefined) throw new Error(`no image ${hash}`);
  return {
    hash,
    getBytesAsync: () => Promise.resolve(image.bytes),
    getSizeAsync: () => Promise.resolve({ width: image.width, height: image.height }),
  };
}

/** Plain data and Uint8Array only: other typed arrays, buffers, blobs and functions do not cross. */
export function checkMessage(message: unknown, path = "message"): void {
  if (message === null || ["string", "number", "boolean", "undefined"].includes(typeof message)) return;
  if (message instanceof Uint8Array) return;
  if (typeof message !== "object" || ArrayBuffer.isView(message) || message instanceof ArrayBuffer) {
    throw new Error(`${path} cannot cross between plugin and panel`);
  }
  for (const [key, value] of Object.entries(message)) checkMessage(value, `${path}.${key}`);
}
