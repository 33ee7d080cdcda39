// The global `figma` of the stand-in: the calls that the plugin makes, with the rules of documentAccess "dynamic-page".
// Figma's own messages cross between plugin and panel as plain data and Uint8Array only.

import type { StandInDocument } from "./document.ts";
import type { StandInNode } from "./node.ts";
import { makeClientStorage } from "./storage.ts";
import { makeVariables } from "./variables.ts";

export interface StandInRun {
  document: StandInDocument;
  command: string;
  parameters?: Record<string, unknown>;
  storage?: Record<string, unknown>;
  /** Panel → receives what the plugin posts. */
  toPanel(message: unknown): void;
  onNotify?(message: string, options: NotificationOptions | undefined): void;
  editorType?: "figma" | "dev";
  onResize?(height: number): void;
  /** The plugin moved the view to these layers. */
  onView?(nodes: readonly StandInNode[]): void;
  onShow?(options: ShowUIOptions | undefined): void;
  onClose?(message: string | undefined): void;
}

export interface StandInFigma {
  figma: Record<string, unknown>;
  /** Delivers a message of the panel to the plugin. */
  fromPanel(message: unknown): void;
  /** Starts the plugin's "run" listeners. */
  run(): void;
  /** Somebody types a quick-action parameter: what the plugin suggests, or its error. */
  typeParameter(key: string, query: string): Promise<{ suggestions: unknown[] } | { error: string }>;
  setView(view: Rect): void;
  /** A person closes the plugin. */
  close(): void;
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
  document.onPageChange = () => emit("currentpagechange", undefined);
  let isShown = false;
  let view: Rect = { x: -10_000, y: -10_000, width: 20_000, height: 20_000 };
  const storage = makeClientStorage(options.storage);
  const ui = {
    postMessage(message: unknown): void {
      if (!isShown) throw new Error("in postMessage: there is no UI to post to. Call figma.showUI first");
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
    resize: (_width: number, height: number) => options.onResize?.(height),
    show(): void {},
    hide(): void {},
    close(): void {},
  };
  const figma = {
    editorType: options.editorType ?? "figma",
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
      get bounds() {
        return view;
      },
      scrollAndZoomIntoView: (nodes: readonly StandInNode[]) => options.onView?.(nodes),
    },
    parameters: {
      on: (_event: "input", listener: (event: unknown) => void) => figma.on("parameters", listener),
      off: (_event: "input", listener: (event: unknown) => void) => figma.off("parameters", listener),
    },
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
    showUI(_html: string, show?: ShowUIOptions): void {
      isShown = true;
      options.onShow?.(show);
    },
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
    variables: makeVariables(document),
    async getLocalPaintStylesAsync() {
      const solid = (name: string, r: number, g: number, b: number) => ({
        name,
        paints: [{ type: "SOLID", color: { r, g, b } }],
      });
      const blend = { name: "Dusk", paints: [{ type: "GRADIENT_LINEAR" }] };
      return [solid("Brand / Navy", 11 / 255, 29 / 255, 58 / 255), blend, solid("Brand / Sun", 0.949, 0.757, 0.306)];
    },
    async getNodeByIdAsync(id: string) {
      if (typeof id !== "string") throw new Error('in getNodeByIdAsync: Property "id" failed validation');
      return document.state.nodes.has(id) ? document.wrap(id) : null;
    },
    setCurrentPageAsync: (page: StandInNode) => document.goToPage(page.id),
    async loadAllPagesAsync(): Promise<void> {
      for (const page of document.root.children) await page.loadAsync();
    },
    createRectangle: () => document.add("RECTANGLE", "Rectangle"),
    createFrame: () => document.add("FRAME", "Frame"),
    createText: () => document.add("TEXT", "Text"),
    createPage: () => document.addPage(),
    async loadFontAsync({ family, style }: FontName): Promise<void> {
      document.loadedFonts.add(`${family} ${style}`);
    },
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
    typeParameter: (key, query) =>
      new Promise((resolve) => {
        const result = {
          setSuggestions: (suggestions: unknown[]) => resolve({ suggestions }),
          setError: (error: string) => resolve({ error }),
          setLoadingMessage(): void {},
        };
        emit("parameters", { key, query, parameters: {}, result });
      }),
    run: () => emit("run", { command: options.command, parameters: options.parameters }),
    close: () => figma.closePlugin(),
    setView(next) {
      view = next;
    },
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
