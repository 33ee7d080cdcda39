// The studio as a host: its document's layers are the selection, results become layers of it.

import { effect, signal, untracked } from "@preact/signals-core";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { drawSheet } from "../../draw-sheet.ts";
import { drawSurface } from "../../draw-surface.ts";
import type { Host, Layer, NotifyOptions } from "../../host.ts";
import { isPanelFile } from "../../panel-files.ts";
import { encodePng } from "../../pictures.ts";
import { type Convert, pickPictures, readFiles, savePictures } from "./files.ts";
import type { LayerDocument, StudioLayer } from "./layer-document.ts";
import { SAMPLE_STYLES, toPicture } from "./samples.ts";
import { createStudioStorage } from "./storage.ts";
import { STUDIO_TEXTS } from "./studio-texts.ts";

const NOTICE_MS = 4_000;
/** Trouble comes with what to do, which takes longer to read. */
const TROUBLE_MS = 10_000;

export interface Toast {
  message: string;
  error: boolean;
  action: NotifyOptions["action"] | null;
}

export type WebHost = Host & {
  toast: ReturnType<typeof signal<Toast | null>>;
  /** What is for the panel does not go onto the canvas. */
  addFiles(files: readonly File[]): Promise<StudioLayer[]>;
  onPanelFiles: (files: readonly File[]) => void;
  /** What the browser does not read; null or a rejection where nobody else does either. */
  convert: Convert | null;
};

export function createWebHost(layerDocument: LayerDocument): WebHost {
  const toast = signal<Toast | null>(null);
  let toastTimer: ReturnType<typeof setTimeout> | undefined;
  const storage = createStudioStorage();

  function find(id: string): StudioLayer {
    const layer = layerDocument.find(id);
    if (layer !== undefined) return layer;
    throw new ImpastoError("file-not-found", "This picture was removed.", { hint: "Select another one." });
  }

  const host: WebHost = {
    kind: "web",
    name: "Studio in the browser",
    toast,
    capabilities: {
      results: "both",
      keepsPictures: true,
      undo: true,
      canvasPreview: "always",
      keys: STUDIO_TEXTS.keys,
      sheets: "picture",
      scopes: ["folder"],
      samples: SAMPLE_STYLES.map((sample) => ({ name: sample.name, load: () => toPicture(sample) })),
    },
    start: async () => ({ command: "open", parameters: {} }),

    onSelection(listener) {
      return effect(() => {
        const known = new Map(layerDocument.layers.value.map((layer) => [layer.id, layer]));
        const chosen = layerDocument.selected.value.map((id) => known.get(id)).filter((layer) => layer !== undefined);
        const selection = { layers: chosen.map(describe), count: chosen.length, readOnly: null };
        untracked(() => listener(selection));
      });
    },

    async thumbnail(id, side) {
      const layer = layerDocument.find(id);
      return layer === undefined ? null : (await encodePng(layer, side)).bytes;
    },

    async readPicture(id, { maxSide }) {
      const { bytes, name, width, height } = find(id);
      return Math.max(width, height) <= maxSide ? { bytes, name, width, height } : encodePng(find(id), maxSide);
    },

    colors: async () => [],

    async listFrames() {
      const added = await host.addFiles(await pickPictures());
      return added.map(describe);
    },

    async insert(results) {
      const added = layerDocument.insert(
        results.map(({ contentId, name, bytes, width, height, recipe }) => ({
          contentId,
          picture: { name, bytes, width, height },
          recipe,
        })),
      );
      host.notify(added.length === 1 ? "Added to the canvas" : `${added.length} results added to the canvas`, {
        action: { label: "Download", run: () => savePictures(added) },
      });
      return added.map(({ id }) => ({ id }));
    },

    staleResults: async () => [],

    async insertSheet(sheet) {
      const [layer] = layerDocument.add([await drawSheet(sheet)]);
      host.notify("Added to the canvas");
      if (layer !== undefined) document.getElementById(layer.id)?.scrollIntoView({ block: "nearest" });
      return [];
    },

    insertSurface: async (surface) => host.insertPicture(await drawSurface(surface)),

    async insertPicture(picture) {
      const [layer] = layerDocument.add([picture]);
      if (layer === undefined) throw new Error("nothing was added");
      host.notify("Added to the canvas", { action: { label: "Download", run: () => savePictures([layer]) } });
      return { id: layer.id };
    },

    async preview(picture) {
      layerDocument.inWork.value = picture;
    },

    download: (picture) => savePictures([picture]),
    undo: async () => layerDocument.undo(),

    async show(id) {
      layerDocument.select([id]);
      document.getElementById(id)?.scrollIntoView({ block: "center", inline: "center" });
    },

    load: storage.load,
    save: storage.save,

    notify(message, { error = false, action } = {}) {
      clearTimeout(toastTimer);
      toast.value = { message, error, action: action ?? null };
      toastTimer = setTimeout(
        () => {
          toast.value = null;
        },
        error ? TROUBLE_MS : NOTICE_MS,
      );
    },
    // The page has room; nothing to close.
    resize: () => undefined,
    close: () => undefined,

    onPanelFiles: () => undefined,
    convert: null,

    async addFiles(files) {
      const forPanel = files.filter(isPanelFile);
      if (forPanel.length > 0) host.onPanelFiles(forPanel);
      const { pictures, notes, refused } = await readFiles(
        files.filter((file) => !isPanelFile(file)),
        host.convert,
      );
      const [first] = refused;
      if (first !== undefined) {
        const reason = `${first.message} ${first.hint ?? ""}`.trim();
        host.notify(refused.length === 1 ? reason : `${refused.length} files are not read. ${reason}`, { error: true });
      } else if (notes.length > 0) {
        host.notify(notes.join(" "));
      }
      return pictures.length === 0 ? [] : layerDocument.add(pictures);
    },
  };
  return host;
}

function describe({ id, name, width, height, recipe, isMask }: StudioLayer): Layer {
  const kind = isMask ? "mask" : "picture";
  return { id, name, kind, width, height, problem: null, recipe, box: null, hasText: false };
}
