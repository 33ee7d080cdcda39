// Photopea as a host of the panel. A layer's pixels come by way of a temporary document.

import type { Host, Layer } from "../../host.ts";
import { makeTurns } from "../../turns.ts";
import type { Bridge } from "./bridge.ts";
import { createDocuments, noDocument } from "./documents.ts";
import { createInsertions } from "./insertions.ts";
import { kindOf, layerId, problemOf, visiblePart } from "./layers.ts";
import { createRecipes } from "./recipes.ts";
import type { ScriptDocument, ScriptLayer } from "./replies.ts";
import { selectLayer } from "./scripts.ts";
import { watchSelection } from "./selection.ts";

/** What the page lends: its storage and its words. */
export interface PhotopeaPage {
  load(key: string): Promise<unknown>;
  save(key: string, value: unknown): Promise<void>;
  notify: Host["notify"];
  download: Host["download"];
}

export function makePhotopeaHost(bridge: Bridge, page: PhotopeaPage): Host {
  const documents = createDocuments(bridge);
  const recipes = createRecipes(page);
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

  const insertions = createInsertions({ bridge, documents, recipes, alone });

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

    onSelection: (listener) => watchSelection(documents, alone, toLayer, listener),

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

    ...insertions,
    staleResults: async () => [],

    // Each change is a step of Photopea's history.
    preview: async () => undefined,

    download: page.download,

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
