// Photopea as a host of the panel. It sends no events, so the selection is asked for while the panel is in view;
// a layer's pixels come by way of a temporary document, and a result is opened, moved above its content and named.

import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { Host, Insertion, Layer, LayerRecipe, Selection, SourcePicture } from "../../host.ts";
import { decode, encodePng } from "../../pictures.ts";
import { type Bridge, makeTurns } from "./bridge.ts";
import {
  closeCopy,
  countDocuments,
  describeDocument,
  placeAbove,
  type ScriptDocument,
  type ScriptLayer,
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
  /** Results per insertion, so that one undo takes a whole batch back. */
  const inserted: number[] = [];
  let order: string[] = [];
  /** What takes several scripts has the document to itself: a temporary one must not be taken for it. */
  const alone = makeTurns();

  async function refresh(): Promise<ScriptDocument | null> {
    const { values } = await bridge.run(describeDocument());
    document = (values[0] ?? null) as ScriptDocument | null;
    return document;
  }

  function requireDocument(): ScriptDocument {
    if (document !== null) return document;
    throw new ImpastoError("not-found", "No document is open in Photopea.", { hint: "Open a picture first." });
  }

  function requireLayer(id: string): ScriptLayer {
    const layer = requireDocument().layers.find((one) => one.id === id);
    if (layer !== undefined) return layer;
    throw new ImpastoError("not-found", "This layer is no longer there.", { hint: "Select another layer." });
  }

  const recipeKey = (layerName: string): string => `${document?.source ?? ""}|${document?.name ?? ""}|${layerName}`;

  function toLayer(layer: ScriptLayer): Layer {
    const [left, top, right, bottom] = layer.bounds;
    return {
      id: layer.id,
      name: layer.name,
      kind: layer.group ? "group" : "picture",
      width: Math.round(right - left),
      height: Math.round(bottom - top),
      problem: problemOf(layer),
      recipe: recipes[recipeKey(layer.name)] ?? null,
    };
  }

  function toSelection(): Selection {
    const selected = document?.layers.filter((layer) => layer.selected) ?? [];
    const ids = selected.map(({ id }) => id);
    order = [...order.filter((id) => ids.includes(id)), ...ids.filter((id) => !order.includes(id))];
    const layers = order.flatMap((id) => selected.filter((layer) => layer.id === id)).map(toLayer);
    return { layers, count: layers.length, readOnly: null };
  }

  async function readPixels(layerId: string, maxSide: number): Promise<SourcePicture> {
    await refresh();
    const { name } = requireLayer(layerId);
    const documentName = requireDocument().name;
    try {
      const { values, files } = await bridge.run(saveLayer(layerId), { files: 1 });
      const bounds = values[0] as ScriptLayer["bounds"];
      return await crop({ bytes: files[0] as Uint8Array, name, width: 0, height: 0 }, bounds, maxSide);
    } finally {
      await bridge.run(closeCopy(documentName));
    }
  }

  async function insertOne(insertion: Insertion): Promise<string> {
    await refresh();
    const [left, top, right, bottom] = requireLayer(insertion.contentId).bounds;
    const documentName = requireDocument().name;
    const { bytes } = await stretch(insertion, Math.round(right - left), Math.round(bottom - top));
    const before = (await bridge.run(countDocuments())).values[0] as number;
    await bridge.openFile(bytes);
    await documentOpened(before);
    const { values } = await bridge.run(placeAbove(documentName, insertion.contentId, left, top, insertion.name));
    recipes = { ...recipes, [recipeKey(insertion.name)]: insertion.recipe };
    await page.save(RECIPES_KEY, Object.fromEntries(Object.entries(recipes).slice(-MAX_RECIPES)));
    return values[0] as string;
  }

  /** "done" comes before the picture is there: the count of documents tells. */
  async function documentOpened(before: number): Promise<void> {
    const deadline = Date.now() + OPEN_TIMEOUT_MS;
    while (Date.now() < deadline) {
      const { values } = await bridge.run(countDocuments());
      if ((values[0] as number) > before) return;
      await new Promise((resolve) => setTimeout(resolve, OPEN_POLL_MS));
    }
    throw new ImpastoError("internal", "Photopea did not open the result.", { hint: "Try Insert again." });
  }

  return {
    kind: "photopea",
    name: "Photopea",
    capabilities: { results: "both", undo: true, scopes: ["selection", "page"], samples: [] },

    async start() {
      const stored = await page.load(RECIPES_KEY);
      if (typeof stored === "object" && stored !== null) recipes = stored as Record<string, LayerRecipe>;
      await alone(refresh);
      return { command: "open", parameters: {} };
    },

    onSelection(listener) {
      let last = "";
      const look = async (): Promise<void> => {
        if (globalThis.document.visibilityState === "hidden") return;
        await alone(refresh);
        const now = JSON.stringify(document);
        if (now !== last) listener(toSelection());
        last = now;
      };
      // A document that is being loaded, or a dialog, makes one look fail; the next one tells.
      const timer = setInterval(() => void look().catch(() => {}), POLL_MS);
      void look().catch(() => {});
      return () => clearInterval(timer);
    },

    async thumbnail(layerId, side) {
      try {
        return (await alone(() => readPixels(layerId, side))).bytes;
      } catch {
        return null;
      }
    },

    readPicture: (layerId, { maxSide }) => alone(() => readPixels(layerId, maxSide)),

    async listFrames(scope) {
      await alone(refresh);
      const layers = requireDocument().layers.filter((layer) => scope === "page" || layer.selected);
      return layers.map(toLayer);
    },

    async insert(results) {
      const ids: string[] = [];
      try {
        for (const result of results) ids.push(await alone(() => insertOne(result)));
      } finally {
        inserted.push(ids.length);
      }
      return ids;
    },

    download: page.download,

    async undo() {
      // Opening, moving and placing are steps of the history each: duplicate, move, translate.
      for (let step = (inserted.pop() ?? 0) * STEPS_PER_RESULT; step > 0; step--)
        await alone(() => bridge.run(undoStep()));
    },

    async show(layerId) {
      await alone(() => bridge.run(selectLayer(layerId)));
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

function problemOf({ visible, bounds: [left, top, right, bottom] }: ScriptLayer): string | null {
  if (right - left < 1 || bottom - top < 1) return "This layer is empty.";
  return visible ? null : "This layer is hidden. Show it first.";
}

async function crop(
  saved: SourcePicture,
  [left, top, right, bottom]: ScriptLayer["bounds"],
  maxSide: number,
): Promise<SourcePicture> {
  const bitmap = await decode(saved.bytes, saved.name);
  // What lies outside the canvas was not saved.
  const [x, y] = [Math.max(0, Math.round(left)), Math.max(0, Math.round(top))];
  const width = Math.max(1, Math.min(bitmap.width, Math.round(right)) - x);
  const height = Math.max(1, Math.min(bitmap.height, Math.round(bottom)) - y);
  const canvas = new OffscreenCanvas(width, height);
  (canvas.getContext("2d") as OffscreenCanvasRenderingContext2D).drawImage(bitmap, -x, -y);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type: "image/png" });
  const whole = { bytes: new Uint8Array(await blob.arrayBuffer()), name: saved.name, width, height };
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
