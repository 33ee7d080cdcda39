// Results whose layers were changed since: each result keeps the fingerprints of what it was made from.

import type { Layer, LayerRecipe } from "../companion/protocol/host/layer-types.ts";
import { isRecord } from "../companion/protocol/parsing.ts";
import { fingerprint } from "./fingerprint.ts";
import { describeLayer } from "./layers.ts";
import { layerOf } from "./tree.ts";
import { RECIPE_KEY } from "./write-layer.ts";

/** Key of the plugin data that holds the fingerprints of a result's sources, by their ids. */
export const SOURCES_KEY = "sources";

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
export async function rememberSources(
  result: SceneNode,
  { contentId, styleId, moreStyles }: LayerRecipe,
): Promise<void> {
  const sources: Record<string, string> = {};
  for (const id of [contentId, styleId, ...moreStyles.map(({ layerId }) => layerId)]) {
    const now = id === null ? null : (asRead.get(id) ?? (await fingerprintOf(id)));
    if (id !== null && now !== null) sources[id] = now;
  }
  result.setPluginData(SOURCES_KEY, JSON.stringify(sources));
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

async function isStale(result: SceneNode, { contentId }: LayerRecipe): Promise<boolean> {
  const sources = Object.entries(parseSources(result.getPluginData(SOURCES_KEY)));
  const now = await Promise.all(sources.map(([id]) => fingerprintOf(id)));
  if (!sources.some(([id], at) => id === contentId && now[at] !== null)) return false;
  return sources.some(([, before], at) => now[at] !== null && now[at] !== before);
}

async function fingerprintOf(id: string): Promise<string | null> {
  const layer = await layerOf(id);
  return layer && fingerprint(layer);
}

function parseSources(text: string): Record<string, string> {
  try {
    const value: unknown = text === "" ? null : JSON.parse(text);
    const entries = isRecord(value) ? Object.entries(value) : [];
    const sources: Record<string, string> = {};
    for (const [id, mark] of entries) if (typeof mark === "string") sources[id] = mark;
    return sources;
  } catch {
    return {};
  }
}
