// What the plugin's main thread tells the panel of layers, and what a result layer keeps of its making;
// with the checks for what comes from outside (pluginData, messages).

import { isOneOf, isRecord } from "../parsing.ts";
import { parsePartialSettings, type Settings } from "../settings.ts";
import { STYLE_USES, type StyleUse } from "../style-uses.ts";
import { type MaskRole, parseMaskRole } from "./roles.ts";

/** How the panel was opened: from the menu, or by the relaunch button on a result. */
export const COMMANDS = ["open", "repeat", "batch", "settings", "restyle"] as const;
export type Command = (typeof COMMANDS)[number];

/**
 * photo: a plain picture fill; picture: in Photopea and the studio, where everything is one; mask: a picture of black and
 * white, or of one color on nothing.
 */
export const LAYER_KINDS = ["photo", "frame", "group", "component", "text", "shape", "picture", "mask"] as const;
export type LayerKind = (typeof LAYER_KINDS)[number];

/** Where a batch may take its frames from. */
export const FRAME_SCOPES = ["selection", "page", "all-pages", "folder"] as const;
export type FrameScope = (typeof FRAME_SCOPES)[number];

/** Layers of a selection that are described to the panel. */
export const MAX_SELECTED = 200;

/** Layers that one picture can be made of: its content, styles and masks. */
export const MAX_PARTS = 8;

/** What a result remembers about its making; stands in the result layer's own data. */
export interface LayerRecipe {
  version: 1;
  contentId: string;
  contentName: string;
  /** null: a stored style, or the layer is not known. */
  styleId: string | null;
  styleName: string;
  /** Key of the stored style that was used (ui/state/stored-styles.ts). */
  styleKey: string | null;
  /** What of it counted; missing: all. */
  styleUse?: StyleUse;
  /** Further styles, after the first. */
  moreStyles: readonly RecipeStyle[];
  masks: readonly RecipeMask[];
  /** Text stays text, above the result. */
  keepText: boolean;
  settings: Partial<Settings>;
}

export interface RecipeLayer {
  layerId: string;
  name: string;
}

export interface RecipeStyle extends RecipeLayer {
  use?: StyleUse;
}

export interface RecipeMask extends RecipeLayer {
  role: MaskRole;
  /** A shape: what it covers counts, whatever its color. */
  byAlpha: boolean;
}

/** In the space of the page or the document. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layer {
  id: string;
  name: string;
  kind: LayerKind;
  /** Size of its pixels as it would be read. */
  width: number;
  height: number;
  /** Why it can not be read, for the designer, as the end of a sentence about it; null when it can. */
  problem: string | null;
  recipe: LayerRecipe | null;
  /** Where it lies among the others; null where layers lie nowhere. */
  box: Box | null;
  /** There is text in it that can stay text. */
  hasText: boolean;
}

export interface Selection {
  /** In the order of selecting where the host knows it, the latest last; no more than MAX_SELECTED. */
  layers: Layer[];
  /** How many are selected in all. */
  count: number;
  /** Why nothing can be inserted in this document (view only, Dev Mode); null when it can. */
  readOnly: string | null;
}

/** Null for what another version or another plugin wrote. */
export function parseRecipe(value: unknown): LayerRecipe | null {
  if (!isRecord(value) || value.version !== 1) return null;
  const { contentId, contentName, styleId, styleName, styleKey, settings, moreStyles, masks, keepText } = value;
  const { styleUse } = value;
  if (typeof contentId !== "string" || typeof contentName !== "string" || typeof styleName !== "string") return null;
  try {
    return {
      version: 1,
      contentId,
      contentName,
      styleId: typeof styleId === "string" ? styleId : null,
      styleName,
      styleKey: typeof styleKey === "string" ? styleKey : null,
      ...(isOneOf(STYLE_USES, styleUse) && { styleUse }),
      moreStyles: listOf(moreStyles, parseRecipeStyle),
      masks: listOf(masks, parseRecipeMask),
      keepText: keepText === true,
      settings: parsePartialSettings(settings),
    };
  } catch {
    return null;
  }
}

function parseRecipeLayer(value: unknown): RecipeLayer | null {
  if (!isRecord(value)) return null;
  const { layerId, name } = value;
  return typeof layerId === "string" && typeof name === "string" ? { layerId, name } : null;
}

function parseRecipeStyle(value: unknown): RecipeStyle | null {
  const layer = parseRecipeLayer(value);
  if (layer === null || !isRecord(value)) return null;
  return { ...layer, ...(isOneOf(STYLE_USES, value.use) && { use: value.use }) };
}

function parseRecipeMask(value: unknown): RecipeMask | null {
  const layer = parseRecipeLayer(value);
  if (layer === null || !isRecord(value)) return null;
  const role = parseMaskRole(value.role);
  return role && { ...layer, role, byAlpha: value.byAlpha === true };
}

/** What is no entry is left out; older recipes have no list at all. */
function listOf<T>(value: unknown, parse: (entry: unknown) => T | null): T[] {
  return Array.isArray(value) ? value.map(parse).filter((entry) => entry !== null) : [];
}

export function parseLayer(value: unknown): Layer | null {
  if (!isRecord(value)) return null;
  const { id, name, kind, width, height, problem, recipe, box, hasText } = value;
  if (typeof id !== "string" || typeof name !== "string" || !isOneOf(LAYER_KINDS, kind)) return null;
  if (typeof width !== "number" || typeof height !== "number") return null;
  return {
    id,
    name,
    kind,
    width,
    height,
    problem: typeof problem === "string" ? problem : null,
    recipe: parseRecipe(recipe),
    box: parseBox(box),
    hasText: hasText === true,
  };
}

function parseBox(value: unknown): Box | null {
  if (!isRecord(value)) return null;
  const { x, y, width, height } = value;
  const numbers = [x, y, width, height].every((number) => typeof number === "number" && Number.isFinite(number));
  return numbers ? ({ x, y, width, height } as Box) : null;
}

/** Null when the list or one of its entries is none. */
export function parseLayers(value: unknown): Layer[] | null {
  if (!Array.isArray(value)) return null;
  const layers = value.map(parseLayer);
  return layers.every((layer) => layer !== null) ? layers : null;
}

export function parseSelection(value: unknown): Selection | null {
  if (!isRecord(value)) return null;
  const layers = parseLayers(value.layers);
  const { count, readOnly } = value;
  if (layers === null || typeof count !== "number") return null;
  return { layers, count, readOnly: typeof readOnly === "string" ? readOnly : null };
}
