// What the panel needs from the editor it runs in. Figma, Photopea and the web studio each implement it;
// nothing else in ui/ knows which one is there.

import type { ErrorBody } from "../companion/protocol/errors.ts";
import type {
  Box,
  Command,
  FrameScope,
  Layer,
  LayerRecipe,
  Selection,
} from "../companion/protocol/host/layer-types.ts";
import type { NamedColor } from "../companion/protocol/host/messages.ts";
import type { PanelHost } from "../companion/protocol/pairing.ts";

export type { Box, Command, FrameScope, Layer, LayerRecipe, NamedColor, Selection };

/** An encoded picture (PNG, JPEG or WebP), sRGB. */
export interface SourcePicture {
  bytes: Uint8Array;
  name: string;
  width: number;
  height: number;
}

export interface ReadOptions {
  /** Long side above which the host scales down, px. */
  maxSide: number;
  /**
   * As it lies over that layer: a picture of that one's shape, transparent where this one is not. Where they do not touch,
   * and where layers lie nowhere, this one alone.
   */
  over?: string;
  /** Layers that lie in it and are left out. */
  without?: readonly string[];
  /** Without the text that can stay text above the result (Layer.hasText). */
  keepText?: boolean;
}

export interface ReadPicture extends SourcePicture {
  /** With keepText: text that other layers cover, so that it can only be protected. */
  protectIds?: readonly string[];
}

export interface Insertion {
  contentId: string;
  /** `<content> / <style>`. */
  name: string;
  /** PNG. */
  bytes: Uint8Array;
  width: number;
  height: number;
  recipe: LayerRecipe;
  /** The older result whose place it takes; only where sheets are layers. */
  replaces?: string;
}

/** Pictures in rows of `columns`, each with its label under it. */
export interface Sheet {
  /** It goes beside this layer. */
  contentId: string;
  name: string;
  columns: number;
  cells: readonly SheetCell[];
}

export interface SheetCell {
  /** Place, row by row from 0, where not all are filled. */
  at?: number;
  label: string;
  /** PNG. */
  bytes: Uint8Array;
  width: number;
  height: number;
  recipe: LayerRecipe;
}

/** A surface that a tile fills by repeating. */
export interface Surface {
  /** px. */
  width: number;
  height: number;
  name: string;
  /** PNG; its opposite sides fit together. */
  tile: { bytes: Uint8Array; width: number; height: number };
  /** It goes beside this layer; null: into the view. */
  besideId: string | null;
}

/** A picture in work, at its place. */
export interface CanvasPreview extends SourcePicture {
  contentId: string;
  keepText: boolean;
}

export interface InsertOptions {
  /** New layers stand above copies of their contents on that page. */
  page?: string | undefined;
  /** A sheet comes next, one undo step with these. */
  sheetFollows?: boolean;
}

/** The result's layer, or why there is none. */
export type Inserted = { id: string } | { error: ErrorBody };

export interface HostCapabilities {
  /** "layer": results become layers; "both": they can be downloaded as well. */
  results: "layer" | "both";
  undo: boolean;
  /** There is room for a hundred megabytes of pictures that were painted before. */
  keepsPictures: boolean;
  /** Whether a picture in work can stand in the document, and whether it is asked for first: "none", it can not. */
  canvasPreview: "always" | "asked" | "none";
  /** What sheets are; where they are layers, older results can be replaced. */
  sheets: "layers" | "picture";
  scopes: readonly FrameScope[];
  /** Keys of the host's own around the panel, and what they do. */
  keys?: readonly (readonly [key: string, label: string])[];
  /** Sample styles come with the host (the studio has some, an editor has none). */
  samples: readonly { name: string; load(): Promise<SourcePicture> }[];
}

export interface NotifyOptions {
  error?: boolean;
  /** One button beside the words. */
  action?: { label: string; run(): void };
}

export interface Host {
  readonly kind: PanelHost;
  /** For the list of pairings, e.g. "Figma Desktop". */
  readonly name: string;
  readonly capabilities: HostCapabilities;
  /** Begins: the command the panel was opened with. Called once. */
  start(): Promise<{ command: Command; parameters: Record<string, string> }>;
  /** Calls at once with the present selection, then at each change. Returns the way to stop. */
  onSelection(listener: (selection: Selection) => void): () => void;
  /** A small PNG of the layer, its long side at most `side` px; null when it is gone or can not be read. */
  thumbnail(layerId: string, side: number): Promise<Uint8Array | null>;
  /** Throws ImpastoError when the layer is gone, locked out or too large. */
  readPicture(layerId: string, options: ReadOptions): Promise<ReadPicture>;
  /** Frames that a batch could take; for "folder" the host asks the person. Empty when they chose none. */
  listFrames(scope: FrameScope): Promise<Layer[]>;
  /**
   * Only where a document has pages: a page for results, the earlier one where it is still there, else a new one. What is
   * inserted onto it next is one undo step with it.
   */
  resultsPage?(earlier: string | null): Promise<string>;
  /**
   * New layers right above their contents; all of them together are one undo step. Tells of each what became of it, in
   * their order: one that finds no place does not hold up the others.
   */
  insert(results: readonly Insertion[], options?: InsertOptions): Promise<Inserted[]>;
  /** Results in view whose layers have changed since; none where a host's layers do not change. */
  staleResults(): Promise<Layer[]>;
  /**
   * One new frame with the sheet's pictures and labels in it; one picture of them all where a host has no frames. Returns
   * the layers of its cells; none of a picture. `page`: on that page.
   */
  insertSheet(sheet: Sheet, page?: string): Promise<readonly string[]>;
  /** A new layer with a repeating fill; a picture of it where a host has no such fills. */
  insertSurface(surface: Surface): Promise<{ id: string }>;
  /** A picture that belongs above no layer: where one looks. One undo step. */
  insertPicture(picture: SourcePicture): Promise<{ id: string }>;
  /** The picture so far at its place, the next one instead of it; null takes it away. What is inserted takes its place. */
  preview(picture: CanvasPreview | null): Promise<void>;
  /** The document's own colors; none where a host has none. */
  colors(): Promise<readonly NamedColor[]>;
  /** Only where results is "both". */
  download(picture: SourcePicture): void;
  /** Undoes the latest insertion. */
  undo(): Promise<void>;
  /** Selects the layer and brings it into view. */
  show(layerId: string): Promise<void>;
  /** Values are plain data and Uint8Array. Undefined when nothing is stored or the host has no storage. */
  load(key: string): Promise<unknown>;
  save(key: string, value: unknown): Promise<void>;
  /** At most 100 characters. */
  notify(message: string, options?: NotifyOptions): void;
  /** Height of the panel's content, px. */
  resize(height: number): void;
  close(): void;
}
