// What the panel needs from the editor it runs in. Figma, Photopea and the web studio each implement it;
// nothing else in ui/ knows which one is there.

import type { PanelHost } from "../companion/protocol/pairing.ts";
import type { Settings } from "../companion/protocol/settings.ts";

/** How the panel was opened: from the menu, or by the relaunch button on a result. */
export const COMMANDS = ["open", "repeat", "batch", "settings", "restyle"] as const;
export type Command = (typeof COMMANDS)[number];

export const LAYER_KINDS = ["photo", "frame", "group", "component", "text", "shape", "picture"] as const;
/** photo: a plain picture fill; picture: in Photopea and the studio, where everything is one. */
export type LayerKind = (typeof LAYER_KINDS)[number];

/** What a result remembers about its making; stands in the result layer's own data. */
export interface LayerRecipe {
  version: 1;
  contentId: string;
  contentName: string;
  /** null: a stored style, or the layer is not known. */
  styleId: string | null;
  styleName: string;
  /** Key of the stored style that was used, see state/stored-styles.ts. */
  styleKey: string | null;
  settings: Partial<Settings>;
}

export interface Layer {
  id: string;
  name: string;
  kind: LayerKind;
  /** Size of its pixels as it would be read. */
  width: number;
  height: number;
  /** Why it can not be read, for the designer; null when it can. */
  problem: string | null;
  recipe: LayerRecipe | null;
}

export interface Selection {
  /** In the order of selecting where the host knows it, the latest last; no more than MAX_SELECTED. */
  layers: Layer[];
  /** How many are selected in all. */
  count: number;
  /** Why nothing can be inserted in this document (view only, Dev Mode); null when it can. */
  readOnly: string | null;
}

/** Layers of a selection that are described to the panel. */
export const MAX_SELECTED = 200;

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
}

/** Where a batch may take its frames from. */
export const FRAME_SCOPES = ["selection", "page", "all-pages", "folder"] as const;
export type FrameScope = (typeof FRAME_SCOPES)[number];

export interface HostCapabilities {
  /** "layer": results become layers; "both": they can be downloaded as well. */
  results: "layer" | "both";
  undo: boolean;
  scopes: readonly FrameScope[];
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
  readPicture(layerId: string, options: ReadOptions): Promise<SourcePicture>;
  /** Frames that a batch could take; for "folder" the host asks the person. Empty when they chose none. */
  listFrames(scope: FrameScope): Promise<Layer[]>;
  /** New layers right above their contents; all of them together are one undo step. Returns the new ids. */
  insert(results: readonly Insertion[]): Promise<string[]>;
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
