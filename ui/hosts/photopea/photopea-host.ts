// Photopea as a host of the panel. It sends no events, so the selection is asked for while the panel is in view;
// a layer's pixels come by way of a temporary document, and a result is opened, moved above its content and named.

import { drawSheet } from "../../draw-sheet.ts";
import { drawSurface } from "../../draw-surface.ts";
import type { Host, Inserted, Insertion, Layer, Selection, SourcePicture } from "../../host.ts";
import { toErrorBody } from "../../state/to-error-body.ts";
import { makeTurns } from "../../turns.ts";
import type { Bridge } from "./bridge.ts";
import { createDocuments, noDocument } from "./documents.ts";
import { kindOf, layerId, problemOf, visiblePart } from "./layers.ts";
import { stretch } from "./pixels.ts";
import { createRecipes } from "./recipes.ts";
import { type DocumentKey, parseText, type ScriptDocument, type ScriptLayer } from "./replies.ts";
import { activate, placeAbove, selectLayer, undoStep } from "./scripts.ts";

/** What the page lends: its storage and its words. */
export interface PhotopeaPage {
  load(key: string): Promise<unknown>;
  save(key: string, value: unknown): Promise<void>;
  notify: Host["notify"];
  download: Host["download"];
}

const POLL_MS = 1000;
export function makePhotopeaHost(bridge: Bridge, page: PhotopeaPage): Host {
  const documents = createDocuments(bridge);
  const recipes = createRecipes(page);
  /** Insertions and where they went, so that one undo takes a whole batch back. */
  const inserted: { results: number; home: DocumentKey }[] = [];
  let order: string[] = [];
  /** What takes several scripts has the document to itself: a temporary one must not be taken for it. */
  const alone = makeTurns();

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
      recipe: recipes.find(home, layer.name),
      box,
      hasText: false,
    };
  }

  function toSelection(): Selection {
    const here = documents.present();
    const selected = here?.layers.filter((layer) => layer.selected).map((layer) => toLayer(layer, here)) ?? [];
    const ids = selected.map(({ id }) => id);
    order = [...order.filter((id) => ids.includes(id)), ...ids.filter((id) => !order.includes(id))];
    const layers = order.flatMap((id) => selected.filter((layer) => layer.id === id));
    return { layers, count: layers.length, readOnly: null };
  }

  async function insertOne(insertion: Insertion): Promise<{ id: string; home: DocumentKey }> {
    const { layer, home } = await documents.reach(insertion.contentId);
    const { x, y, width, height } = visiblePart(layer, home);
    const { bytes } = await stretch(insertion, width, height);
    await documents.open(bytes);
    const { values } = await bridge.run(placeAbove(home, layer.id, x, y, insertion.name));
    await recipes.remember(home, insertion.name, insertion.recipe);
    return { id: layerId({ id: parseText(values[0]) }, home), home };
  }

  /** In a document of its own: what is no layer above another has its own size. */
  function openAlone({ bytes }: SourcePicture): Promise<{ id: string }> {
    return alone(async () => {
      await documents.open(bytes);
      const home = await documents.refresh();
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
      keepsPictures: true,
      undo: true,
      sheets: "picture",
      canvasPreview: "none",
      scopes: ["selection", "page"],
      samples: [],
    },

    async start() {
      await recipes.load();
      return { command: "open", parameters: {} };
    },

    onSelection(listener) {
      let last = "";
      let looking = false;
      const look = async (): Promise<void> => {
        // While other work has the document, looks would pile up behind it.
        if (looking || document.visibilityState === "hidden") return;
        looking = true;
        try {
          await alone(documents.refresh);
          const now = JSON.stringify(documents.present());
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
        return (await alone(() => documents.readPixels(layerId, side))).bytes;
      } catch {
        return null;
      }
    },

    readPicture: (layerId, { maxSide, over }) => alone(() => documents.readPixels(layerId, maxSide, over)),

    colors: async () => [],

    async listFrames(scope) {
      const here = await alone(documents.refresh);
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
      await alone(async () => bridge.run(selectLayer((await documents.reach(id)).layer.id)));
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
