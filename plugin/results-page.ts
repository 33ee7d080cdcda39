// A page of its own for results: above copies of their contents, which stand there as the originals do on theirs.

import { isRecord } from "../companion/protocol/parsing.ts";
import { readData } from "./plugin-data.ts";
import { rememberCopy } from "./stale-results.ts";
import { pageOf } from "./tree.ts";
import { keepModes } from "./variable-modes.ts";

const NAME = "Impasto results";
const GAP_PX = 200;
/** Key of the plugin data that holds where the layers of each page went. */
const BLOCKS_KEY = "blocks";

/** What came from one page: all of it is moved alike, and reaches no further than this. */
interface Block {
  dx: number;
  right: number;
}

/** Until its insertion ends. */
let open: { page: PageNode; isNew: boolean; copies: Map<string, SceneNode>; painted: Set<string> } | null = null;

/** The page with the id where it is still there, else a new one. Throws an Error whose message can be shown. */
export async function openResultsPage(id: string | null): Promise<PageNode> {
  if (open !== null && open.page.id === id && !open.page.removed) return open.page;
  dropResultsPage();
  const known = id === null ? null : await figma.getNodeByIdAsync(id);
  const isNew = known === null || known.type !== "PAGE" || known.removed;
  const page = isNew ? figma.createPage() : known;
  open = { page, isNew, copies: new Map(), painted: new Set() };
  if (isNew) page.name = freeName();
  await page.loadAsync();
  return page;
}

/**
 * Copies on the open page, back to front as the originals are; null for what is gone. Throws an Error whose message can be
 * shown; nothing is left behind then.
 */
export async function copyLayers(layers: readonly (SceneNode | null)[]): Promise<(SceneNode | null)[]> {
  const copies = new Map<SceneNode, SceneNode>();
  try {
    for (const layer of backToFront(layers.filter((layer) => layer !== null))) copies.set(layer, await copyOf(layer));
  } catch (cause) {
    dropResultsPage();
    throw cause;
  }
  return layers.map((layer) => (layer && copies.get(layer)) ?? null);
}

/** A result stands above the copy. */
export function keepCopy(id: string): void {
  open?.painted.add(id);
}

/** Copies that got no result go again, and a page with nothing on it. Returns what there is to look at. */
export function endResultsPage(): PageNode | null {
  if (open === null) return null;
  const { page, isNew, copies, painted } = open;
  open = null;
  for (const [id, copy] of copies) if (!painted.has(id) && !copy.removed) copy.remove();
  if (page.removed) return null;
  if (page.children.length > 0) return page;
  if (isNew) removePage(page);
  return null;
}

/** As if it had never been asked for. */
export function dropResultsPage(): void {
  open?.painted.clear();
  const page = open?.isNew === true ? open.page : null;
  endResultsPage();
  if (page !== null && !page.removed) removePage(page);
}

/** Figma keeps the page that somebody looks at. */
function removePage(page: PageNode): void {
  if (page.id !== figma.currentPage.id) page.remove();
}

async function copyOf(layer: SceneNode): Promise<SceneNode> {
  if (open === null) throw new Error("The page for the results was closed.");
  const { page, copies } = open;
  // A second component would stand in the team's library.
  const copy = layer.type === "COMPONENT" ? layer.createInstance() : layer.clone();
  copies.set(copy.id, copy);
  page.appendChild(copy);
  copy.name = layer.name;
  // It would mask whatever lies above it there.
  if ("isMask" in copy) copy.isMask = false;
  const source = pageOf(layer);
  const { dx } = source === null ? { dx: 0 } : blockOf(source, page);
  const [[a, c, x], [b, d, y]] = layer.absoluteTransform;
  copy.relativeTransform = [
    [a, c, x + dx],
    [b, d, y],
  ];
  await keepModes(layer, copy);
  rememberCopy(layer, copy);
  return copy;
}

/** The first page's layers stay where they were; those of each further one stand to the right of all before. */
function blockOf(source: PageNode, page: PageNode): Block {
  const blocks = readBlocks(page);
  const known = blocks[source.id];
  if (known !== undefined) return known;
  const boxes = source.children.flatMap(({ absoluteBoundingBox }) => absoluteBoundingBox ?? []);
  const left = Math.min(...boxes.map(({ x }) => x));
  const edge = Math.max(...Object.values(blocks).map(({ right }) => right));
  const dx = edge === Number.NEGATIVE_INFINITY ? 0 : edge + GAP_PX - left;
  const block = { dx, right: Math.max(...boxes.map(({ x, width }) => x + width)) + dx };
  page.setPluginData(BLOCKS_KEY, JSON.stringify({ ...blocks, [source.id]: block }));
  return block;
}

function readBlocks(page: PageNode): Record<string, Block> {
  const value = readData(page, BLOCKS_KEY);
  const blocks: Record<string, Block> = {};
  for (const [id, block] of isRecord(value) ? Object.entries(value) : []) {
    if (!isRecord(block)) continue;
    const { dx, right } = block;
    if (typeof dx === "number" && typeof right === "number") blocks[id] = { dx, right };
  }
  return blocks;
}

function freeName(): string {
  const taken = new Set(figma.root.children.map(({ name }) => name));
  for (let number = 1; ; number++) {
    const name = number === 1 ? NAME : `${NAME} ${number}`;
    if (!taken.has(name)) return name;
  }
}

function backToFront(layers: readonly SceneNode[]): SceneNode[] {
  const paths = new Map(layers.map((layer) => [layer, pathOf(layer)]));
  return [...layers].sort((one, other) => compare(paths.get(one) ?? [], paths.get(other) ?? []));
}

/** The place of each ancestor and of the layer among its siblings, from the document down. */
function pathOf(layer: SceneNode): number[] {
  const path: number[] = [];
  for (let at: BaseNode = layer; at.parent !== null; at = at.parent) {
    const { id } = at;
    path.unshift(at.parent.children.findIndex((sibling) => sibling.id === id));
  }
  return path;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((place, depth) => place !== b[depth]);
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}
