// Every message between the panel (iframe) and the plugin's main thread, parsed on arrival on both sides.
// Figma carries plain data and Uint8Array only. A request gets exactly one answer with its number.
//
// The panel sends parent.postMessage({ pluginMessage: FromPanel }, "*"); the main thread figma.ui.postMessage(FromPlugin).

import { type ErrorBody, parseErrorBody } from "../errors.ts";
import { isOneOf, isRecord, textOf } from "../parsing.ts";
import {
  COMMANDS,
  type Command,
  FRAME_SCOPES,
  type FrameScope,
  type LayerRecipe,
  parseRecipe,
  parseSelection,
  type Selection,
} from "./layer-types.ts";

/** A picture no larger than Figma takes; larger results come as several, side by side. */
export interface Tile {
  /** Place within the result, px. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** PNG. */
  bytes: Uint8Array;
}

/** Figma's limit for a side of one picture, px. */
export const MAX_TILE_PX = 4096;

/** A color style or variable of the document, "#rrggbb". */
export interface NamedColor {
  name: string;
  color: string;
}

/** More than a person looks through. */
export const MAX_COLORS = 64;

/** Where the panel keeps its list of styles, and quick actions look for it. */
export const STORED_STYLES_KEY = "impasto.styles.v1";

export interface InsertedPicture {
  name: string;
  /** Of the whole picture, px. */
  width: number;
  height: number;
  tiles: Tile[];
}

export interface InsertedResult extends InsertedPicture {
  contentId: string;
  recipe: LayerRecipe;
  /** The older result whose place it takes. */
  replaces?: string;
}

/** Pictures in rows of `columns`, each with its label under it. */
export interface InsertedSheet {
  /** The sheet goes beside this layer. */
  contentId: string;
  name: string;
  columns: number;
  cells: SheetPicture[];
}

export interface SheetPicture {
  /** Place, row by row from 0, where not all are filled. */
  at?: number;
  label: string;
  width: number;
  height: number;
  /** PNG. */
  bytes: Uint8Array;
  recipe: LayerRecipe;
}

/** A surface that a tile fills by repeating. */
export interface InsertedSurface {
  name: string;
  /** px. */
  width: number;
  height: number;
  /** PNG. */
  tile: { bytes: Uint8Array; width: number; height: number };
  /** It goes beside this layer; null: into the view. */
  besideId: string | null;
}

/** What the panel asks for, and what the value of the answer is. */
export type PluginRequest =
  /** → Started; the main thread sends the selection right before it, and from then on at each change. */
  | { kind: "start" }
  /** → Uint8Array (PNG) or null. */
  | { kind: "thumbnail"; layerId: string; side: number }
  /** → PictureAnswer. `over`: as it lies over that layer. `without`: layers in it that are left out. */
  | {
      kind: "read-picture";
      layerId: string;
      maxSide: number;
      over?: string;
      without?: readonly string[];
      keepText?: boolean;
    }
  /** → NamedColor[]: the document's own colors, at most MAX_COLORS. */
  | { kind: "colors" }
  /** → Layer[]. */
  | { kind: "list-frames"; scope: FrameScope }
  /** → the id of a page for results: the one named where it is still there, else a new one. An insertion onto it comes next. */
  | { kind: "results-page"; pageId: string | null }
  /** → for each layer the id of its copy on that page, null where it is gone. A copy that gets no result goes again. */
  | { kind: "copy-layers"; layerIds: readonly string[] }
  /**
   * → the id of the result's layer. Results of one batch come one by one, the final one with `last`: only then does the main
   * thread commit the undo step, select those that are new, and bring them into view. A sheet after others that came without
   * `last` is one undo step with them.
   */
  | { kind: "insert"; result: InsertedResult; last: boolean }
  /** → null. Instead of a `last` that could not be sent. */
  | { kind: "end-insertion" }
  /** → Layer[]: results on the page in view whose layers have changed since. */
  | { kind: "stale-results" }
  /** → the ids of the new frame's pictures; one undo step. `pageId`: on that results page, where it is still there. */
  | { kind: "insert-sheet"; sheet: InsertedSheet; pageId: string | null }
  /** → the new layer's id; one undo step. */
  | { kind: "insert-surface"; surface: InsertedSurface }
  /** → the new layer's id, in the middle of the view; one undo step. */
  | { kind: "insert-picture"; picture: InsertedPicture }
  /**
   * → null. The picture so far as a layer right above its content, the next one instead of it. It belongs to the undo step
   * of what is inserted next, which takes its place.
   */
  | { kind: "show-preview"; contentId: string; picture: InsertedPicture; keepText: boolean }
  /** → null. */
  | { kind: "clear-preview" }
  /** → null. */
  | { kind: "undo" }
  /** → null. Selects the layer and brings it into view. */
  | { kind: "show"; layerId: string }
  /** → what was saved, or undefined. */
  | { kind: "load"; key: string }
  /** → null; undefined removes. */
  | { kind: "save"; key: string; value: unknown }
  /** → true when the button was pressed, false when the message went away. At most 100 characters. */
  | { kind: "notify"; message: string; error: boolean; button: string | null };

export interface Started {
  command: Command;
  /** Valid quick-action parameters: "style" is the key of a stored style, "strength" a number as text. */
  parameters: Record<string, string>;
}

export interface PictureAnswer {
  bytes: Uint8Array;
  name: string;
  width: number;
  height: number;
  /** Null: it was asked for by itself, or does not touch the other layer. */
  place: Place | null;
  /** With keepText: text that other layers cover, so that it can only be protected. */
  protectIds: string[];
}

/** Where a layer lies over another one. */
export interface Place {
  /** Of the other one. */
  width: number;
  height: number;
  /** From the layer's own box to that one's, row-major 2×3. */
  transform: Matrix;
}

export type Matrix = [[number, number, number], [number, number, number]];

export type FromPanel =
  /** `request`: null where it is none, which wants its answer all the same. */
  | { type: "request"; id: number; request: PluginRequest | null }
  | { type: "resize"; height: number }
  | { type: "close" };

export type FromPlugin =
  | { type: "answer"; id: number; value: unknown }
  | { type: "refusal"; id: number; error: ErrorBody }
  | { type: "selection"; selection: Selection };

/** Null for what is no message of ours. */
export function parseFromPanel(value: unknown): FromPanel | null {
  if (!isRecord(value)) return null;
  switch (value.type) {
    case "request": {
      const { id } = value;
      return typeof id === "number" ? { type: "request", id, request: parseRequest(value.request) } : null;
    }
    case "resize":
      return Number.isFinite(value.height) ? { type: "resize", height: value.height as number } : null;
    case "close":
      return { type: "close" };
    default:
      return null;
  }
}

export function parseFromPlugin(value: unknown): FromPlugin | null {
  if (!isRecord(value)) return null;
  const { type, id } = value;
  if (type === "selection") {
    const selection = parseSelection(value.selection);
    return selection && { type, selection };
  }
  if (typeof id !== "number") return null;
  if (type === "answer") return { type, id, value: value.value };
  const error = parseErrorBody(value.error);
  return type === "refusal" && error !== null ? { type, id, error } : null;
}

function parseRequest(value: unknown): PluginRequest | null {
  if (!isRecord(value)) return null;
  const { kind, layerId, key } = value;
  switch (kind) {
    case "start":
    case "clear-preview":
    case "end-insertion":
    case "undo":
    case "colors":
    case "stale-results":
      return { kind };
    case "results-page":
      return { kind, pageId: textOf(value.pageId) };
    case "copy-layers":
      return { kind, layerIds: textsOf(value.layerIds) };
    case "thumbnail":
      return typeof layerId === "string" && typeof value.side === "number" ? { kind, layerId, side: value.side } : null;
    case "read-picture":
      return parseRead(value);
    case "list-frames":
      return isOneOf(FRAME_SCOPES, value.scope) ? { kind, scope: value.scope } : null;
    case "insert": {
      const result = parseResult(value.result);
      return result && { kind, result, last: value.last === true };
    }
    case "insert-sheet": {
      const sheet = parseSheet(value.sheet);
      return sheet && { kind, sheet, pageId: textOf(value.pageId) };
    }
    case "insert-surface": {
      const surface = parseSurface(value.surface);
      return surface && { kind, surface };
    }
    case "show-preview": {
      const { contentId } = value;
      const picture = parseInsertedPicture(value.picture);
      if (typeof contentId !== "string" || picture === null) return null;
      return { kind, contentId, picture, keepText: value.keepText === true };
    }
    case "insert-picture": {
      const picture = parseInsertedPicture(value.picture);
      return picture && { kind, picture };
    }
    case "show":
      return typeof layerId === "string" ? { kind, layerId } : null;
    case "load":
      return typeof key === "string" ? { kind, key } : null;
    case "save":
      return typeof key === "string" ? { kind, key, value: value.value } : null;
    case "notify": {
      const { message, button } = value;
      if (typeof message !== "string") return null;
      return { kind, message, error: value.error === true, button: typeof button === "string" ? button : null };
    }
    default:
      return null;
  }
}

function parseRead({ layerId, maxSide, over, without, keepText }: Record<string, unknown>): PluginRequest | null {
  if (typeof layerId !== "string" || typeof maxSide !== "number") return null;
  return {
    kind: "read-picture",
    layerId,
    maxSide,
    ...(typeof over === "string" && { over }),
    without: textsOf(without),
    keepText: keepText === true,
  };
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

function parseResult(value: unknown): InsertedResult | null {
  if (!isRecord(value)) return null;
  const { contentId, replaces } = value;
  const picture = parseInsertedPicture(value);
  const recipe = parseRecipe(value.recipe);
  if (typeof contentId !== "string" || picture === null || recipe === null) return null;
  return { ...picture, contentId, recipe, ...(typeof replaces === "string" && { replaces }) };
}

function parseInsertedPicture(value: unknown): InsertedPicture | null {
  if (!isRecord(value)) return null;
  const { name, width, height, tiles } = value;
  if (typeof name !== "string" || !isSide(width) || !isSide(height) || !Array.isArray(tiles)) return null;
  const parsed = tiles.map(parseTile);
  if (!parsed.every((tile) => tile !== null) || parsed.length === 0) return null;
  return { name, width, height, tiles: parsed };
}

function parseSheet(value: unknown): InsertedSheet | null {
  if (!isRecord(value)) return null;
  const { contentId, name, columns, cells } = value;
  if (typeof contentId !== "string" || typeof name !== "string" || !isSide(columns) || !Array.isArray(cells))
    return null;
  const parsed = cells.map(parseSheetPicture);
  if (!parsed.every((cell) => cell !== null) || parsed.length === 0) return null;
  return { contentId, name, columns, cells: parsed };
}

function parseSheetPicture(value: unknown): SheetPicture | null {
  if (!isRecord(value)) return null;
  const { label, width, height, bytes, at } = value;
  const recipe = parseRecipe(value.recipe);
  if (typeof label !== "string" || !isSide(width) || !isSide(height) || recipe === null) return null;
  const place = Number.isInteger(at) && (at as number) >= 0 ? { at: at as number } : {};
  return bytes instanceof Uint8Array ? { ...place, label, width, height, bytes, recipe } : null;
}

function parseSurface(value: unknown): InsertedSurface | null {
  if (!isRecord(value) || !isRecord(value.tile)) return null;
  const { name, width, height, besideId, tile } = value;
  const { bytes } = tile;
  if (typeof name !== "string" || !isSide(width) || !isSide(height)) return null;
  if (!(bytes instanceof Uint8Array) || !isSide(tile.width) || !isSide(tile.height)) return null;
  return {
    name,
    width,
    height,
    tile: { bytes, width: tile.width, height: tile.height },
    besideId: textOf(besideId),
  };
}

function parseTile(value: unknown): Tile | null {
  if (!isRecord(value)) return null;
  const { x, y, width, height, bytes } = value;
  if (typeof x !== "number" || typeof y !== "number" || !isSide(width) || !isSide(height)) return null;
  return bytes instanceof Uint8Array ? { x, y, width, height, bytes } : null;
}

function isSide(value: unknown): value is number {
  return typeof value === "number" && value > 0 && Number.isFinite(value);
}

export function parseStarted(value: unknown): Started | null {
  if (!isRecord(value) || !isOneOf(COMMANDS, value.command) || !isRecord(value.parameters)) return null;
  const entries = Object.entries(value.parameters);
  const parameters: Record<string, string> = {};
  for (const [key, text] of entries) if (typeof text === "string") parameters[key] = text;
  return { command: value.command, parameters };
}

export function parsePicture(value: unknown): PictureAnswer | null {
  if (!isRecord(value)) return null;
  const { bytes, name, width, height, protectIds } = value;
  if (!(bytes instanceof Uint8Array) || typeof name !== "string") return null;
  if (typeof width !== "number" || typeof height !== "number") return null;
  return { bytes, name, width, height, place: parsePlace(value.place), protectIds: textsOf(protectIds) };
}

export function parseColors(value: unknown): NamedColor[] {
  const entries: unknown[] = Array.isArray(value) ? value.slice(0, MAX_COLORS) : [];
  return entries.flatMap((entry) => {
    if (!isRecord(entry) || typeof entry.name !== "string" || typeof entry.color !== "string") return [];
    return /^#[0-9a-f]{6}$/.test(entry.color) ? [{ name: entry.name, color: entry.color }] : [];
  });
}

function parsePlace(value: unknown): Place | null {
  if (!isRecord(value)) return null;
  const { width, height, transform } = value;
  const rows: unknown[] = Array.isArray(transform) ? transform : [];
  const isRow = (row: unknown) => Array.isArray(row) && row.length === 3 && row.every(Number.isFinite);
  if (!isSide(width) || !isSide(height) || rows.length !== 2 || !rows.every(isRow)) return null;
  return { width, height, transform: rows as Matrix };
}
