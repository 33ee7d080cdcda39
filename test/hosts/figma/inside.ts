// Runs inside the plugin's VM: builds a stand-in document from a description, stands in for Figma, and carries
// messages and questions of the test.

import { StandInDocument } from "./document.ts";
import { makeFigma, type StandInFigma } from "./figma.ts";
import type { StandInNode } from "./node.ts";
import { type Matrix, type NodeState, type NodeType, structuredCopy } from "./state.ts";
import { drawPage } from "./svg.ts";
import type { CollectionDescription, VariableDescription } from "./variables.ts";

declare const hostRasterize: (svg: string, width: number, height: number) => Promise<ArrayBuffer>;
declare const hostToBase64: (bytes: ArrayBuffer) => string;
declare const hostFromBase64: (text: string) => ArrayBuffer;
declare const hostLog: (text: string) => void;
declare const hostTell: (text: string) => void;
declare const hostSettle: (id: number, text: string, isError: boolean) => void;

/** A layer of a test document; `image` is a picture that fills it. */
export interface LayerDescription {
  key: string;
  type: NodeType;
  name?: string;
  set?: Partial<NodeState>;
  image?: Uint8Array;
  /** Fields of the image fill beside its hash. */
  fill?: Partial<ImagePaint>;
  children?: LayerDescription[];
  /** Index of the page. */
  page?: number;
}

export interface OpenOptions {
  layers?: LayerDescription[];
  pages?: string[];
  command?: string;
  parameters?: Record<string, unknown>;
  storage?: Record<string, unknown>;
  selected?: string[];
  /** Selected after the plugin's code ran and before its panel is opened, as while parameters are typed. */
  beforeRun?: string[];
  editorType?: "figma" | "dev";
  collections?: CollectionDescription[];
  variables?: VariableDescription[];
  maxPages?: number;
  colorProfile?: "SRGB" | "DISPLAY_P3";
}

export interface Note {
  message: string;
  error: boolean;
  button: string | null;
}

/** What happens in the stand-in by itself; told to the host as it happens. */
export type StandInEvent =
  /** The plugin posts to its panel. */
  | { type: "post"; message: unknown }
  | { type: "show"; options: ShowUIOptions }
  | { type: "resize"; height: number }
  | { type: "note"; note: Note }
  | { type: "close" };

/** What a test checks of a layer. */
export interface Inspection {
  id: string;
  type: NodeType;
  name: string;
  parent: string | null;
  /** Among its siblings, back to front. */
  index: number;
  width: number;
  height: number;
  transform: Matrix;
  absoluteTransform: Matrix;
  bounds: Rect;
  radii: readonly number[];
  constraints: Constraints;
  layoutPositioning: "AUTO" | "ABSOLUTE";
  isMask: boolean;
  locked: boolean;
  fills: readonly Paint[];
  children: string[];
  characters: string;
  modes: Record<string, string>;
  recipe: string;
  relaunch: Record<string, string>;
}

let document: StandInDocument;
let standIn: StandInFigma;
const ids = new Map<string, string>();
const notes: { note: Note; options: NotificationOptions | undefined }[] = [];
const shown: ShowUIOptions[] = [];
const heights: number[] = [];
const viewed: string[][] = [];
let selectBeforeRun: string[] | null = null;
let closed: { message: string | null } | null = null;

const toBase64 = (bytes: Uint8Array): string => hostToBase64(bytes.slice().buffer);

/** Bytes become { $bytes } on the way out and back. */
function pack(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { $bytes: toBase64(value) } : value;
}
function unpack(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$bytes" in value)) return value;
  return new Uint8Array(hostFromBase64(value.$bytes as string));
}

function tell(event: StandInEvent): void {
  hostTell(JSON.stringify(event, pack));
}

/** Builds the document and the global `figma`; the plugin's code runs next, then `run`. */
function open(options: OpenOptions = {}): void {
  const platform = {
    rasterize: async (drawing: { svg: string; width: number; height: number }) =>
      new Uint8Array(await hostRasterize(drawing.svg, drawing.width, drawing.height)),
    base64: toBase64,
  };
  document = new StandInDocument(platform, options.pages);
  document.relaunchCommands = ["restyle"];
  document.colorProfile = options.colorProfile ?? "SRGB";
  document.collections = options.collections ?? [];
  document.variables = options.variables ?? [];
  document.maxPages = options.maxPages ?? Number.POSITIVE_INFINITY;
  for (const layer of options.layers ?? []) addLayer(layer, document.pageIds[layer.page ?? 0] as string);
  document.commitUndo();
  document.select((options.selected ?? []).map(id));
  selectBeforeRun = options.beforeRun ?? null;
  standIn = makeFigma({
    document,
    command: options.command ?? "open",
    editorType: options.editorType ?? "figma",
    ...(options.parameters !== undefined && { parameters: options.parameters }),
    ...(options.storage !== undefined && { storage: options.storage }),
    toPanel: (message) => tell({ type: "post", message }),
    onNotify: (message, given) => {
      const note = { message, error: given?.error === true, button: given?.button?.text ?? null };
      notes.push({ note, options: given });
      tell({ type: "note", note });
    },
    onShow(given = {}) {
      shown.push(given);
      tell({ type: "show", options: given });
    },
    onResize(height) {
      heights.push(height);
      tell({ type: "resize", height });
    },
    onView: (nodes) => void viewed.push(nodes.map((node) => node.id)),
    onClose: (message) => {
      closed = { message: message ?? null };
      tell({ type: "close" });
    },
  });
  const globals = globalThis as unknown as Record<string, unknown>;
  globals.figma = standIn.figma;
  globals.__html__ = "<html></html>";
  const log = (...given: unknown[]): void => hostLog(given.map(String).join(" "));
  globals.console = { log, error: log, warn: log, info: log };
}

function addLayer({ key, type, name, set, image, fill, children, page }: LayerDescription, parent: string): void {
  const paint = image && ({ type: "IMAGE", scaleMode: "FILL", imageHash: document.addImage(image), ...fill } as Paint);
  const node = document.add(type, name ?? key, { ...(paint && { fills: [paint] }), ...set }, parent);
  ids.set(key, node.id);
  for (const child of children ?? []) addLayer({ ...child, page: page ?? 0 }, node.id);
}

/** A layer by the key of its description, or by its id. */
const nodeOf = (key: string): StandInNode => document.wrap(id(key));

function id(key: string): string {
  return ids.get(key) ?? key;
}

function inspect(key: string): Inspection {
  const node = nodeOf(key);
  const state = document.state.nodes.get(node.id) as NodeState;
  const siblings = document.state.nodes.get(state.parent ?? "")?.children ?? [];
  return {
    id: node.id,
    type: state.type,
    name: state.name,
    parent: state.parent,
    index: siblings.indexOf(node.id),
    width: node.width,
    height: node.height,
    transform: node.relativeTransform,
    absoluteTransform: node.absoluteTransform,
    bounds: node.absoluteBoundingBox as Rect,
    radii: state.radii,
    constraints: state.constraints,
    layoutPositioning: state.layoutPositioning,
    isMask: state.isMask,
    locked: state.locked,
    fills: state.fills,
    children: state.children,
    characters: state.characters,
    modes: node.resolvedVariableModes,
    recipe: state.pluginData.recipe ?? "",
    relaunch: state.relaunchData,
  };
}

const inside = {
  open,
  run(): void {
    if (selectBeforeRun !== null) document.select(selectBeforeRun.map(id));
    standIn.run();
  },
  /** From now on the file may only be viewed. */
  setReadOnly(): void {
    document.readOnly = true;
  },
  select: (keys: string[]): void => document.select(keys.map(id)),
  selection: (): string[] => [...document.state.selection],
  id,
  inspect,
  exists: (key: string): boolean => document.state.nodes.has(id(key)),
  fromPanel: (message: unknown): void => standIn.fromPanel(message),
  typeParameter: (key: string, query: string) => standIn.typeParameter(key, query),
  /** What was shown at the bottom of the window. */
  notes: (): Note[] => notes.map(({ note }) => note),
  /** Presses the button of the latest note, or lets the note go away. */
  answerNote(press: boolean): void {
    const { options } = notes[notes.length - 1] ?? {};
    if (press) options?.button?.action();
    options?.onDequeue?.(press ? "action_button_click" : "timeout");
  },
  shown: (): ShowUIOptions[] => shown,
  heights: (): number[] => heights,
  viewed: (): string[][] => viewed,
  /** A person closes the plugin. */
  close: (): void => standIn.close(),
  closed: (): { message: string | null } | null => closed,
  /** Cmd+Z. */
  undo: (): void => document.undo(),
  undoSteps: (): number => document.undoSteps,
  /** Everything but the selection, as text: equal before and after means that nothing changed. */
  snapshot: (): string => JSON.stringify([...document.state.nodes]),
  remove: (key: string): void => document.removeNode(id(key)),
  /** As it is now, for set. */
  state: (key: string): NodeState => structuredCopy(document.state.nodes.get(id(key)) as NodeState),
  set(key: string, change: Partial<NodeState>): void {
    Object.assign(document.state.nodes.get(id(key)) as NodeState, change);
  },
  /** Names of the pages, and the one in view. */
  pages: (): { names: string[]; current: string } => ({
    names: document.pageIds.map((page) => nodeOf(page).name),
    current: document.currentPage.name,
  }),
  goToPage: (index: number): Promise<void> => document.goToPage(document.pageIds[index] as string),
  setView: (view: Rect): void => standIn.setView(view),
  storage: (): Record<string, unknown> => Object.fromEntries(standIn.storage.entries),
  /** Names of the global object's properties, to be compared with what Figma has. */
  globals: (): string[] => Object.getOwnPropertyNames(globalThis),
  /** Makes every later call of a function of `figma` throw, e.g. "createImage". */
  breakCall(name: string, words: string): void {
    standIn.figma[name] = () => {
      throw new Error(words);
    };
  },
  /** Makes the loading of every page fail. */
  breakPages(words: string): void {
    document.pageFailure = words;
  },
  /** A layer's pixels as they look on the canvas, PNG. */
  picture: (key: string, scale = 1): Promise<Uint8Array> => document.rasterizeNode(id(key), scale),
  /** The page in view, as the stand-in's canvas shows it. */
  drawPage: (): string => drawPage(document.state, document.images, toBase64),
};

export type Inside = typeof inside;

/** The host's way in: answers through hostSettle. */
export async function callFromHost(call: number, name: keyof Inside, text: string): Promise<void> {
  try {
    const given = JSON.parse(text, unpack) as unknown[];
    const value: unknown = await (inside[name] as (...given: unknown[]) => unknown)(...given);
    hostSettle(call, JSON.stringify({ value }, pack), false);
  } catch (error) {
    hostSettle(call, JSON.stringify({ error: error instanceof Error ? error.message : String(error) }), true);
  }
}
