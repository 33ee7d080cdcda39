// Results whose layers were changed since: each result keeps the fingerprints of what it was made from.

import type { Layer, LayerRecipe } from "../companion/protocol/host/layer-types.ts";
import { isRecord } from "../companion/protocol/parsing.ts";
import { fingerprint, placeOver } from "./fingerprint.ts";
import { describeLayer } from "./layers.ts";
import { readData } from "./plugin-data.ts";
import { layerOf } from "./tree.ts";
import { RECIPE_KEY } from "./write-layer.ts";

/** Key of the plugin data that holds the fingerprints of a result's sources, by their ids. */
const SOURCES_KEY = "sources";
/** Key of the plugin data that holds the content's size when the result was made of it. */
const SIZE_KEY = "content-size";

/** As the layers were when they were read: a picture may take minutes, and its layers may change meanwhile. */
const asRead = new Map<string, string | null>();

/** Call when a layer's pixels are read. */
export function rememberRead(layer: SceneNode): void {
  asRead.set(layer.id, fingerprint(layer));
}

/** Call when a copy is to have a result that was painted from the original. */
export function rememberCopy(layer: SceneNode, copy: SceneNode): void {
  const read = asRead.get(layer.id);
  // A component's copy is an instance: it can only be compared with itself.
  if (read !== undefined && fingerprint(layer) === fingerprint(copy)) asRead.set(copy.id, read);
}

/** Call when a result was inserted. */
export async function rememberSources(result: SceneNode, recipe: LayerRecipe): Promise<void> {
  const { contentId, styleId, moreStyles, masks } = recipe;
  const sources: Record<string, string> = {};
  for (const id of [contentId, styleId, ...moreStyles.map(({ layerId }) => layerId)]) {
    const now = id === null ? null : (asRead.get(id) ?? (await markOf(id, recipe)));
    if (id !== null && now !== null) sources[id] = now;
  }
  for (const { layerId } of masks) {
    const now = await markOf(layerId, recipe);
    if (now !== null) sources[layerId] = now;
  }
  result.setPluginData(SOURCES_KEY, JSON.stringify(sources));
  const content = await layerOf(contentId);
  if (content !== null) result.setPluginData(SIZE_KEY, JSON.stringify([content.width, content.height]));
}

/** By how much the content has grown since the result was made of it, along its width and its height. */
export function growth(result: SceneNode, content: SceneNode): [number, number] {
  const size = readData(result, SIZE_KEY);
  if (!Array.isArray(size) || !size.every((side) => typeof side === "number" && side > 0)) return [1, 1];
  return [content.width / size[0], content.height / size[1]];
}

/** On the page in view. What lost its layers can not be painted anew, and is no stale result. */
export async function staleResults(): Promise<Layer[]> {
  const results = figma.currentPage.findAllWithCriteria({ pluginData: { keys: [RECIPE_KEY] } });
  const stale: Layer[] = [];
  for (const result of results) {
    const layer = describeLayer(result);
    if (layer.recipe !== null && (await isStale(result, layer.recipe))) stale.push(layer);
  }
  return stale;
}

async function isStale(result: SceneNode, recipe: LayerRecipe): Promise<boolean> {
  const sources = Object.entries(parseSources(readData(result, SOURCES_KEY)));
  const now = await Promise.all(sources.map(([id]) => markOf(id, recipe)));
  if (!sources.some(([id], at) => id === recipe.contentId && now[at] !== null)) return false;
  return sources.some(([, before], at) => now[at] !== null && now[at] !== before);
}

/** What a layer looks like, and of a mask where it lies as well; null for what is gone. */
async function markOf(id: string, recipe: LayerRecipe): Promise<string | null> {
  const layer = await layerOf(id);
  const mark = layer && fingerprint(layer);
  const underId = maskedBy(id, recipe);
  const under = underId === null ? null : await layerOf(underId);
  return layer === null || mark === null || under === null ? mark : `${mark} ${placeOver(layer, under)}`;
}

/** What the mask is laid over: a style, of which it tells what counts, or the content. Null for what is no mask. */
function maskedBy(id: string, { contentId, styleId, moreStyles, masks }: LayerRecipe): string | null {
  const role = masks.find(({ layerId }) => layerId === id)?.role;
  if (role === undefined) return null;
  if (role.kind !== "source") return contentId;
  return role.style === 0 ? styleId : (moreStyles[role.style - 1]?.layerId ?? null);
}

function parseSources(value: unknown): Record<string, string> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  const sources: Record<string, string> = {};
  for (const [id, mark] of entries) if (typeof mark === "string") sources[id] = mark;
  return sources;
}
