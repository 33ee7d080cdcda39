// What the panel may ask of the document, one function for each kind. Refusals are sentences for the designer.

import { ImpastoError } from "../companion/protocol/errors.ts";
import type { FrameScope, Layer } from "../companion/protocol/host/layer-types.ts";
import type {
  InsertedPicture,
  InsertedResult,
  InsertedSurface,
  PictureAnswer,
  Place,
  PluginRequest,
  Started,
} from "../companion/protocol/host/messages.ts";
import { drawAlone } from "./alone.ts";
import { namedColors } from "./colors.ts";
import { addInserted, asInsertion, endInsertion, refusedBecause } from "./insertion.ts";
import { describeLayer } from "./layers.ts";
import { clearPreview, showPreview } from "./preview.ts";
import { exportUpright, readLayer } from "./read-layer.ts";
import { reasonOf } from "./reason.ts";
import { copyLayers, keepCopy, openResultsPage } from "./results-page.ts";
import { drawSheet } from "./sheet.ts";
import { growth, rememberRead, rememberSources, staleResults } from "./stale-results.ts";
import { drawSurface } from "./surface.ts";
import { textsOf } from "./texts.ts";
import { invert, multiply } from "./transform.ts";
import { findLayer, layerOf, pageOf } from "./tree.ts";
import { insertAbove, replaceResult } from "./write-layer.ts";

/** Figma refuses longer ones. */
const NOTICE_LENGTH = 100;

/** Said once for each file: a wide-gamut document's colors shift when a layer is read as sRGB. */
let saidConverted = false;

/** Throws ImpastoError. */
export async function answerRequest(request: PluginRequest, started: Started): Promise<unknown> {
  switch (request.kind) {
    case "start":
      return started;
    case "thumbnail":
      return thumbnail(request.layerId, request.side);
    case "read-picture":
      return readPicture(request);
    case "colors":
      return namedColors();
    case "list-frames":
      return listFrames(request.scope);
    case "results-page":
      return resultsPage(request.pageId);
    case "copy-layers":
      return copyOnto(request.layerIds);
    case "insert":
      return insert(request);
    case "end-insertion":
      await endInsertion();
      return null;
    case "stale-results":
      return staleResults();
    case "insert-sheet":
      return insertSheet(request);
    case "insert-surface":
      return insertSurface(request.surface);
    case "insert-picture":
      return insertPicture(request.picture);
    case "show-preview":
      return preview(request);
    case "clear-preview":
      clearPreview();
      return null;
    case "undo":
      figma.triggerUndo();
      return null;
    case "show":
      return show(request.layerId);
    case "load":
      return figma.clientStorage.getAsync(request.key);
    case "save":
      return save(request.key, request.value);
    case "notify":
      return notify(request);
  }
}

async function thumbnail(layerId: string, side: number): Promise<Uint8Array | null> {
  try {
    return await exportUpright(await findLayer(layerId), side);
  } catch {
    return null;
  }
}

async function readPicture(request: PluginRequest & { kind: "read-picture" }): Promise<PictureAnswer> {
  const node = await findLayer(request.layerId);
  const { name, problem } = describeLayer(node);
  if (problem !== null) throw new ImpastoError("bad-picture", `“${name}” ${problem}.`);
  const { over, without = [], keepText = false, maxSide } = request;
  const under = over === undefined ? null : await findLayer(over);
  rememberRead(node);
  const { lifted, covered } = keepText ? textsOf(node) : { lifted: [], covered: [] };
  try {
    const inside = await idsWithin(node, without);
    const hidden = new Set([...inside, ...lifted.map(({ id }) => id)]);
    const { bytes, width, height, converted } = await readLayer(node, maxSide, hidden);
    if (converted && !saidConverted) figma.notify("This file uses Display P3: some colors may shift a little.");
    saidConverted ||= converted;
    const place = under === null ? null : placeOver(node, under);
    return { bytes, name, width, height, place, protectIds: covered.map(({ id }) => id) };
  } catch (cause) {
    throw new ImpastoError("bad-picture", `Figma could not export “${name}”.`, {
      hint: "Choose another layer, or make this one smaller.",
      cause,
    });
  }
}

/** Those that lie in the layer. */
async function idsWithin(layer: SceneNode, ids: readonly string[]): Promise<string[]> {
  const inside: string[] = [];
  for (const id of ids) {
    const node = await figma.getNodeByIdAsync(id);
    for (let at = node?.parent ?? null; at !== null; at = at.parent) if (at.id === layer.id) inside.push(id);
  }
  return inside;
}

/** Null where they do not touch. */
function placeOver(node: SceneNode, under: SceneNode): Place | null {
  const [a, b] = [node.absoluteBoundingBox, under.absoluteBoundingBox];
  if (a === null || b === null) return null;
  const beside = a.x >= b.x + b.width || b.x >= a.x + a.width || a.y >= b.y + b.height || b.y >= a.y + a.height;
  if (beside) return null;
  const transform = multiply(invert(under.absoluteTransform), node.absoluteTransform);
  return { width: under.width, height: under.height, transform };
}

/** Layers that a designer would call a frame, and photos: what batches are for. */
const FRAME_TYPES: readonly string[] = ["FRAME", "COMPONENT", "INSTANCE"];

async function listFrames(scope: FrameScope): Promise<Layer[]> {
  switch (scope) {
    case "selection":
      return figma.currentPage.selection.map(describeLayer);
    case "page":
      return framesOf(figma.currentPage);
    case "all-pages": {
      const frames: Layer[] = [];
      for (const page of figma.root.children) {
        await page.loadAsync();
        frames.push(...framesOf(page));
      }
      return frames;
    }
    case "folder":
      throw new ImpastoError("bad-request", "Figma has no folders of pictures.");
  }
}

/** What lies on the page itself or in its sections; frames within frames are part of these. */
function framesOf(within: PageNode | SectionNode): Layer[] {
  return within.children.flatMap((node) => {
    if (node.type === "SECTION") return framesOf(node);
    const layer = describeLayer(node);
    return FRAME_TYPES.includes(node.type) || layer.kind === "photo" ? [layer] : [];
  });
}

async function resultsPage(pageId: string | null): Promise<string> {
  try {
    const page = await openResultsPage(pageId);
    return page.id;
  } catch (cause) {
    throw new ImpastoError("conflict", `Figma made no new page: ${reasonOf(cause)}`, {
      hint: "Insert the results above the originals instead.",
      cause,
    });
  }
}

async function copyOnto(layerIds: readonly string[]): Promise<(string | null)[]> {
  try {
    const layers: (SceneNode | null)[] = [];
    for (const id of layerIds) layers.push(await layerOf(id));
    const copies = await copyLayers(layers);
    return copies.map((copy) => copy?.id ?? null);
  } catch (cause) {
    throw refusedBecause(cause);
  }
}

async function insert({ result, last }: PluginRequest & { kind: "insert" }): Promise<string> {
  try {
    const content = await findLayer(result.contentId, GONE_CONTENT);
    if (result.replaces !== undefined) return (await replace(result.replaces, content, result)).id;
    const layer = insertAbove(content, result);
    // Before anything is waited for: it goes again where the plugin closes meanwhile.
    addInserted(layer);
    keepCopy(result.contentId);
    await rememberSources(layer, result.recipe);
    return layer.id;
  } catch (cause) {
    throw refusedBecause(cause);
  } finally {
    if (last) await endInsertion();
  }
}

async function replace(olderId: string, content: SceneNode, result: InsertedResult): Promise<SceneNode> {
  const older = await findLayer(olderId, GONE_CONTENT);
  const layer = replaceResult(older, content, result, growth(older, content));
  await rememberSources(layer, result.recipe);
  return layer;
}

const GONE_CONTENT = "Undo that, then insert again.";

function insertSheet({ sheet, pageId }: PluginRequest & { kind: "insert-sheet" }): Promise<string[]> {
  return asInsertion(async () => {
    const content = await layerOf(sheet.contentId);
    const page = pageId === null ? content && pageOf(content) : await openResultsPage(pageId);
    const { frame, pictures } = await drawSheet(page ?? figma.currentPage, content, sheet);
    addInserted(frame);
    return pictures;
  });
}

function insertSurface(surface: InsertedSurface): Promise<string> {
  return asInsertion(async () => {
    const { besideId } = surface;
    // A style that was deleted meanwhile is no reason to lose its texture, nor a content to lose a sheet.
    const beside = besideId === null ? null : await layerOf(besideId);
    const layer = drawSurface((beside && pageOf(beside)) ?? figma.currentPage, beside, surface);
    addInserted(layer);
    return layer.id;
  });
}

function insertPicture(picture: InsertedPicture): Promise<string> {
  return asInsertion(async () => {
    const layer = drawAlone(picture);
    addInserted(layer);
    return layer.id;
  });
}

async function preview({ contentId, picture, keepText }: PluginRequest & { kind: "show-preview" }): Promise<null> {
  try {
    showPreview(await findLayer(contentId, GONE_CONTENT), picture, keepText);
    return null;
  } catch (cause) {
    throw refusedBecause(cause);
  }
}

async function show(layerId: string): Promise<null> {
  const node = await findLayer(layerId);
  const page = pageOf(node);
  if (page !== null && page.id !== figma.currentPage.id) await figma.setCurrentPageAsync(page);
  figma.currentPage.selection = [node];
  figma.viewport.scrollAndZoomIntoView([node]);
  return null;
}

async function save(key: string, value: unknown): Promise<null> {
  try {
    if (value === undefined) await figma.clientStorage.deleteAsync(key);
    else await figma.clientStorage.setAsync(key, value);
    return null;
  } catch (cause) {
    throw new ImpastoError("disk-full", "Figma's storage for this plugin is full.", { cause });
  }
}

function notify({ message, error, button }: PluginRequest & { kind: "notify" }): Promise<boolean> {
  return new Promise((resolve) => {
    figma.notify(message.slice(0, NOTICE_LENGTH), {
      error,
      onDequeue: () => resolve(false),
      ...(button !== null && {
        button: {
          text: button,
          action: () => {
            resolve(true);
          },
        },
      }),
    });
  });
}
