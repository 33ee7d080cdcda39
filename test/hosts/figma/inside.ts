// Runs inside the plugin's VM: builds a stand-in document from a description, starts the plugin against it,
// and carries messages. Bytes cross to the test as base64.

import { StandInDocument } from "./document.ts";
import { makeFigma, type StandInFigma } from "./figma.ts";
import type { StandInNode } from "./node.ts";
import type { NodeState, NodeType } from "./state.ts";
import type { Drawing } from "./svg.ts";

declare const hostRasterize: (svg: string, width: number, height: number) => Promise<string>;
declare const hostLog: (text: string) => void;
declare const pluginCode: string;

/** A layer of a test document; `image` is base64 of a picture that fills it. */
export interface LayerDescription {
  key: string;
  type: NodeType;
  name?: string;
  set?: Partial<NodeState>;
  image?: string;
  children?: LayerDescription[];
  page?: number;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] as number, bytes[i + 1] ?? 0, bytes[i + 2] ?? 0];
    const word = (a << 16) | (b << 8) | c;
    const characters = [18, 12, 6, 0].map((shift) => ALPHABET[(word >> shift) & 63] as string);
    const padding = Math.max(0, i + 3 - bytes.length);
    text += characters.slice(0, 4 - padding).join("") + "=".repeat(padding);
  }
  return text;
}

function fromBase64(text: string): Uint8Array {
  const clean = text.replace(/=+$/, "");
  const bytes = new Uint8Array(Math.floor((clean.length * 3) / 4));
  for (let i = 0, at = 0; i < clean.length; i += 4, at += 3) {
    const word = [0, 1, 2, 3].reduce((sum, k) => (sum << 6) | Math.max(0, ALPHABET.indexOf(clean[i + k] ?? "A")), 0);
    bytes.set([(word >> 16) & 255, (word >> 8) & 255, word & 255].slice(0, bytes.length - at), at);
  }
  return bytes;
}

let document: StandInDocument;
let standIn: StandInFigma;
const ids = new Map<string, string>();
const outbox: unknown[] = [];
const notes: string[] = [];

/** Bytes become { $bytes } on the way out and back. */
function pack(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) };
  if (Array.isArray(value)) return value.map(pack);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pack(item)]));
}
function unpack(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpack);
  if (typeof value !== "object" || value === null) return value;
  if ("$bytes" in value) return fromBase64(value.$bytes as string);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpack(item)]));
}

export function open(options: {
  layers: LayerDescription[];
  pages?: string[];
  command?: string;
  parameters?: Record<string, unknown>;
  storage?: Record<string, unknown>;
}): void {
  document = new StandInDocument(
    {
      rasterize: async ({ svg, width, height }: Drawing) => fromBase64(await hostRasterize(svg, width, height)),
      base64: toBase64,
    },
    options.pages,
  );
  document.relaunchCommands = ["restyle"];
  for (const layer of options.layers) addLayer(layer, document.root.children[layer.page ?? 0]?.id as string);
  document.commitUndo();
  standIn = makeFigma({
    document,
    command: options.command ?? "open",
    ...(options.parameters !== undefined && { parameters: options.parameters }),
    ...(options.storage !== undefined && { storage: options.storage }),
    toPanel: (message) => void outbox.push(pack(message)),
    onNotify: (message) => void notes.push(message),
  });
  const globals = globalThis as unknown as Record<string, unknown>;
  globals.figma = standIn.figma;
  globals.__html__ = "<html></html>";
  globals.console = { log: hostLog, error: hostLog, warn: hostLog, info: hostLog };
  // In global scope, as a script of its own.
  new Function(pluginCode)();
  standIn.run();
}

function addLayer(layer: LayerDescription, parent: string): void {
  const fills =
    layer.image === undefined
      ? {}
      : { fills: [{ type: "IMAGE", scaleMode: "FILL", imageHash: document.addImage(fromBase64(layer.image)) }] };
  const node = document.add(
    layer.type,
    layer.name ?? layer.key,
    { ...(fills as Partial<NodeState>), ...layer.set },
    parent,
  );
  ids.set(layer.key, node.id);
  for (const child of layer.children ?? []) addLayer(child, node.id);
}

const nodeOf = (key: string): StandInNode => document.wrap(ids.get(key) ?? key);

export function select(keys: string[]): void {
  standIn.select(keys.map(nodeOf));
}
export function id(key: string): string {
  return nodeOf(key).id;
}
export function fromPanel(message: unknown): void {
  standIn.fromPanel(unpack(message));
}
/** Messages for the panel since the last call. */
export function takeMessages(): unknown[] {
  return outbox.splice(0);
}
export function takeNotes(): string[] {
  return notes.splice(0);
}
export function undo(): void {
  document.undo();
}
export function removeLayer(key: string): void {
  nodeOf(key).remove();
}
export function selection(): string[] {
  return document.currentPage.selection.map(({ id }) => id);
}

/** What a test checks of a layer. */
export function inspect(key: string): unknown {
  const node = nodeOf(key);
  return {
    id: node.id,
    type: node.type,
    name: node.name,
    parent: node.parent?.id ?? null,
    index: node.parent?.children.indexOf(node) ?? -1,
    x: node.x,
    y: node.y,
    width: node.width,
    height: node.height,
    rotation: node.rotation,
    bounds: node.absoluteBoundingBox,
    cornerRadius: typeof node.cornerRadius === "number" ? node.cornerRadius : "mixed",
    topLeftRadius: node.topLeftRadius,
    constraints: node.constraints,
    layoutPositioning: node.layoutPositioning,
    fills: node.fills,
    children: node.children.map(({ id }) => id),
    recipe: node.getPluginData("recipe"),
    relaunch: node.getRelaunchData(),
  };
}
