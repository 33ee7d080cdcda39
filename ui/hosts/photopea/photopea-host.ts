// Photopea as a host of the panel. It sends no events, so the selection is asked for while the panel is in view;
// a layer's pixels come by way of a temporary document, and a result is opened, moved above its content and named.

import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { type Box, type LayerKind, parseRecipe } from "../../../companion/protocol/host/layer-types.ts";
import { isRecord } from "../../../companion/protocol/parsing.ts";
import { drawSheet } from "../../draw-sheet.ts";
import { drawSurface } from "../../draw-surface.ts";
import type { Host, Inserted, Insertion, Layer, LayerRecipe, Selection, SourcePicture } from "../../host.ts";
import { decode, encodePng } from "../../pictures.ts";
import { toErrorBody } from "../../state/to-error-body.ts";
import { makeTurns } from "../../turns.ts";
import type { Bridge } from "./bridge.ts";
import {
  type DocumentKey,
  parseDocument,
  parseNumber,
  parseText,
  type ScriptDocument,
  type ScriptLayer,
} from "./replies.ts";
import {
  activate,
  closeCopy,
  countDocuments,
  describeDocument,
  placeAbove,
  saveLayer,
  selectLayer,
  undoStep,
} from "./scripts.ts";

/** What the page lends: its storage and its words. */
export interface PhotopeaPage {
  load(key: string): Promise<unknown>;
  save(key: string, value: unknown): Promise<void>;
  notify: Host["notify"];
  download: Host["download"];
}

const POLL_MS = 1000;
/** How long an opened picture may take to appear as a document, and how often to look. */
const OPEN_TIMEOUT_MS = 15_000;
const OPEN_POLL_MS = 100;
const RECIPES_KEY = "impasto.photopea.recipes.v1";
const MAX_RECIPES = 100;

export function makePhotopeaHost(bridge: Bridge, page: PhotopeaPage): Host {
  let document: ScriptDocument | null = null;
  let recipes: Record<string, LayerRecipe> = {};
  /** Insertions and where they went, so that one undo takes a whole batch back. */
  const inserted: { results: number; home: DocumentKey }[] = [];
  let order: string[] = [];
  let copies = 0;
  /** What takes several scripts has the document to itself: a temporary one must not be taken for it. */
  const alone = makeTurns();

  async function refresh(): Promise<ScriptDocument | null> {
    document = parseDocument((await bridge.run(describeDocument())).values[0]);
    return document;
  }

  function toLayer(layer: ScriptLayer, home: ScriptDocument): Layer {
    const box = visiblePart(layer, home);
    const { width, height } = box;
    return {
      id: layerId(layer, home),
      name: layer.name,
      kind: kindOf(layer),
      width,
      height,
      problem: problemOf(layer, home),
      recipe: recipes[recipeKey(home, layer.name)] ?? null,
      box,
      hasText: false,
    };
  }

  function toSelection(): Selection {
    const here = document;
    const selected = here?.layers.filter((layer) => layer.selected).map((layer) => toLayer(layer, here)) ?? [];
    const ids = selected.map(({ id }) => id);
    order = [...order.filter((id) => ids.includes(id)), ...ids.filter((id) => !order.includes(id))];
    const layers = order.flatMap((id) => selected.filter((layer) => layer.id === id));
    return { layers, count: layers.length, readOnly: null };
  }

  /** The layer, its document in front; `front` is the document that was there before. */
  async function reach(id: string): Promise<{ layer: ScriptLayer; home: ScriptDocument; front: DocumentKey }> {
    const front = await refresh();
    if (front === null) throw noDocument();
    const key = documentOf(id);
    if (key !== null && !isSame(key, front)) {
      await bridge.run(activate(key));
      await refresh();
    }
    const layer = document?.layers.find((one) => document !== null && layerId(one, document) === id);
    if (document !== null && layer !== undefined) return { layer, home: document, front };
    throw new ImpastoError("not-found", "This layer is no longer there.", { hint: "Select another layer." });
  }

  async function readPixels(id: string, maxSide: number, over?: string): Promise<SourcePicture> {
    const { layer, home, front } = await reach(id);
    const part = visiblePart(layer, home);
    const under = home.layers.find((one) => layerId(one, home) === over);
    const shown = under === undefined ? part : visiblePart(under, home);
    const copyName = `Impasto copy ${++copies}, ${SESSION}`;
    try {
      const { files } = await bridge.run(saveLayer(layer.id, copyName), { files: 1 });
      return await crop(files[0] ?? new Uint8Array(0), layer.name, touch(part, shown) ? shown : part, maxSide);
    } finally {
      await bridge.run(closeCopy(copyName, front));
    }
  }

  async function insertOne(insertion: Insertion): Promise<{ id: string; home: DocumentKey }> {
    const { layer, home } = await reach(insertion.contentId);
    const { x, y, width, height } = visiblePart(layer, home);
    const { bytes } = await stretch(insertion, width, height);
    const before = await openDocuments();
    await bridge.openFile(bytes);
    await documentOpened(before);
    const { values } = await bridge.run(placeAbove(home, layer.id, x, y, insertion.name));
    recipes = { ...recipes, [recipeKey(home, insertion.name)]: insertion.recipe };
    await page.save(RECIPES_KEY, Object.fromEntries(Object.entries(recipes).slice(-MAX_RECIPES)));
    return { id: layerId({ id: parseText(values[0]) }, home), home };
  }

  async function openDocuments(): Promise<number> {
    return parseNumber((await bridge.run(countDocuments())).values[0]);
  }

  /** "done" comes before the picture is there: the count of documents tells. */
  async function documentOpened(before: number): Promise<void> {
    const deadline = performance.now() + OPEN_TIMEOUT_MS;
    while (performance.now() < deadline) {
      if ((await openDocuments()) > before) return;
      await new Promise((resolve) => setTimeout(resolve, OPEN_POLL_MS));
    }
    throw new ImpastoError("internal", "Photopea did not open the result.", { hint: "Try Insert again." });
  }

  /** In a document of its own: what is no layer above another has its own size. */
  function openAlone({ bytes }: SourcePicture): Promise<{ id: string }> {
    return alone(async () => {
      const before = await openDocuments();
      await bridge.openFile(bytes);
      await documentOpened(before);
      const home = await refresh();
      const [layer] = home?.layers ?? [];
      if (home === null || layer === undefined) throw noDocument();
      return { id: layerId(layer, home) };
    });
  }

  return {
    kind: "photopea",
    name: "Photopea",
    capabilities: {
      results: "both",
      undo: true,
      sheets: "picture",
      canvasPreview: "none",
      scopes: ["selection", "page"],
      samples: [],
    },

    async start() {
      recipes = parseRecipes(await page.load(RECIPES_KEY));
      return { command: "open", parameters: {} };
    },

    onSelection(listener) {
      let last = "";
      let looking = false;
      const look = async (): Promise<void> => {
        // While other work has the document, looks would pile up behind it.
        if (looking || globalThis.document.visibilityState === "hidden") return;
        looking = true;
        try {
          await alone(refresh);
          const now = JSON.stringify(document);
          if (now !== last) listener(toSelection());
          last = now;
        } catch {
          // A document that is being loaded, or a dialog, makes one look fail; the next one tells.
        } finally {
          looking = false;
        }
      };
      const timer = setInterval(() => void look(), POLL_MS);
      void look();
      return () => clearInterval(timer);
    },

    async thumbnail(layerId, side) {
      try {
        return (await alone(() => readPixels(layerId, side))).bytes;
      } catch {
        return null;
      }
    },

    readPicture: (layerId, { maxSide, over }) => alone(() => readPixels(layerId, maxSide, over)),

    colors: async () => [],

    async listFrames(scope) {
      const here = await alone(refresh);
      if (here === null) throw noDocument();
      return here.layers.filter((layer) => scope === "page" || layer.selected).map((layer) => toLayer(layer, here));
    },

    async insert(results) {
      const made: Inserted[] = [];
      let home: DocumentKey | null = null;
      for (const result of results) {
        try {
          const layer = await alone(() => insertOne(result));
          home = layer.home;
          made.push({ id: layer.id });
        } catch (cause) {
          made.push({ error: toErrorBody(cause) });
        }
      }
      const count = made.filter((one) => "id" in one).length;
      if (home !== null) inserted.push({ results: count, home });
      return made;
    },

    staleResults: async () => [],

    async insertSheet(sheet) {
      await openAlone(await drawSheet(sheet));
      return [];
    },

    async insertSurface(surface) {
      return openAlone(await drawSurface(surface));
    },

    insertPicture: openAlone,
    // Each change is a step of Photopea's history.
    preview: async () => undefined,

    download: page.download,

    async undo() {
      const last = inserted.pop();
      if (last === undefined) return;
      await alone(async () => {
        await bridge.run(activate(last.home));
        // Opening, moving and placing are steps of the history each: duplicate, move, translate.
        for (let step = last.results * STEPS_PER_RESULT; step > 0; step--) await bridge.run(undoStep());
      });
    },

    async show(id) {
      await alone(async () => bridge.run(selectLayer((await reach(id)).layer.id)));
    },

    load: page.load,
    save: page.save,
    notify: page.notify,
    // The window that Photopea gives a plugin has a fixed size and its own close button.
    resize() {},
    close() {},
  };
}

const STEPS_PER_RESULT = 3;

/** Names of temporary documents are nobody else's. */
const SESSION = Math.random().toString(36).slice(2);

/** Layers are counted within their document: the panel's id names both. */
function layerId({ id }: Pick<ScriptLayer, "id">, { name, source }: DocumentKey): string {
  return JSON.stringify([source, name, id]);
}

/** Null for an id that is none of ours. */
function documentOf(id: string): DocumentKey | null {
  try {
    const [source, name]: unknown[] = JSON.parse(id);
    return typeof source === "string" && typeof name === "string" ? { source, name } : null;
  } catch {
    return null;
  }
}

function isSame(a: DocumentKey, b: DocumentKey): boolean {
  return a.name === b.name && a.source === b.source;
}

function recipeKey({ source, name }: DocumentKey, layerName: string): string {
  return `${source}|${name}|${layerName}`;
}

/** What is no recipe of this version is left out. */
function parseRecipes(stored: unknown): Record<string, LayerRecipe> {
  const recipes: Record<string, LayerRecipe> = {};
  for (const [key, value] of Object.entries(isRecord(stored) ? stored : {})) {
    const recipe = parseRecipe(value);
    if (recipe !== null) recipes[key] = recipe;
  }
  return recipes;
}

function noDocument(): ImpastoError {
  return new ImpastoError("not-found", "No document is open in Photopea.", { hint: "Open a picture first." });
}

/** Where the layer shows on the canvas, px: what lies outside is neither saved nor painted. */
function visiblePart({ bounds: [left, top, right, bottom] }: ScriptLayer, canvas: ScriptDocument): Box {
  const [x, y] = [Math.max(0, Math.round(left)), Math.max(0, Math.round(top))];
  const width = Math.max(0, Math.min(canvas.width, Math.round(right)) - x);
  const height = Math.max(0, Math.min(canvas.height, Math.round(bottom)) - y);
  return { x, y, width, height };
}

function touch(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Photopea's layers are pixels, but for text and shapes. */
function kindOf({ group, kind }: ScriptLayer): LayerKind {
  if (group) return "group";
  if (/TEXT/i.test(kind)) return "text";
  return /SOLIDFILL|SHAPE/i.test(kind) ? "shape" : "picture";
}

function problemOf(layer: ScriptLayer, canvas: ScriptDocument): string | null {
  const [left, top, right, bottom] = layer.bounds;
  if (right - left < 1 || bottom - top < 1) return "is empty";
  const { width, height } = visiblePart(layer, canvas);
  if (width < 1 || height < 1) return "lies outside the canvas";
  return layer.visible ? null : "is hidden. Show it first";
}

async function crop(
  saved: Uint8Array,
  name: string,
  { x, y, width, height }: Box,
  maxSide: number,
): Promise<SourcePicture> {
  const bitmap = await decode(saved, name);
  const canvas = new OffscreenCanvas(width, height);
  (canvas.getContext("2d") as OffscreenCanvasRenderingContext2D).drawImage(bitmap, -x, -y);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type: "image/png" });
  const whole = { bytes: new Uint8Array(await blob.arrayBuffer()), name, width, height };
  return Math.max(width, height) <= maxSide ? whole : encodePng(whole, maxSide);
}

/** The result at the size of its content, so that it covers it exactly. */
async function stretch({ bytes, name, width, height }: Insertion, toWidth: number, toHeight: number) {
  if (width === toWidth && height === toHeight) return { bytes };
  const bitmap = await decode(bytes, name);
  const canvas = new OffscreenCanvas(toWidth, toHeight);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, toWidth, toHeight);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return { bytes: new Uint8Array(await blob.arrayBuffer()) };
}
