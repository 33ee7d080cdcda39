// The panel inside Figma: everything goes through messages to the plugin's main thread (companion/protocol/host/messages.ts).

import { ImpastoError } from "../../companion/protocol/errors.ts";
import { parseLayers } from "../../companion/protocol/host/layer-types.ts";
import {
  type InsertedPicture,
  type InsertedResult,
  MAX_TILE_PX,
  parseColors,
  parsePicture,
  parseStarted,
  type Tile,
  textsOf,
} from "../../companion/protocol/host/messages.ts";
import { textOf } from "../../companion/protocol/parsing.ts";
import type { Host, Inserted, Insertion, InsertOptions, SourcePicture } from "../host.ts";
import { cutIntoTiles, putInPlace } from "../pictures.ts";
import { toErrorBody } from "../state/to-error-body.ts";
import { type FigmaFrame, type FigmaLine, openLine } from "./figma-line.ts";

const MAX_NOTICE_LENGTH = 100;

export function createFigmaHost(frame: FigmaFrame): Host {
  const { ask, tell, onSelection } = openLine(frame);
  return {
    kind: "figma",
    name: /Electron|Figma\//.test(navigator.userAgent) ? "Figma Desktop" : "Figma in the browser",
    capabilities: {
      results: "layer",
      keepsPictures: false,
      undo: true,
      canvasPreview: "asked",
      sheets: "layers",
      scopes: ["selection", "page", "all-pages"],
      samples: [],
    },

    async start() {
      return understood(parseStarted(await ask({ kind: "start" })));
    },

    onSelection,

    async thumbnail(layerId, side) {
      const bytes = await ask({ kind: "thumbnail", layerId, side });
      return bytes instanceof Uint8Array ? bytes : null;
    },

    async readPicture(layerId, options) {
      const answer = await ask({ kind: "read-picture", layerId, ...options });
      const { place, ...picture } = understood(parsePicture(answer));
      return place === null ? picture : putInPlace(picture, place, options.maxSide);
    },

    async listFrames(scope) {
      return understood(parseLayers(await ask({ kind: "list-frames", scope })));
    },

    colors: async () => parseColors(await ask({ kind: "colors" })),

    async resultsPage(earlier) {
      return understood(textOf(await ask({ kind: "results-page", pageId: earlier })));
    },

    insert: (results, options) => insertAll(ask, results, options),

    staleResults: async () => understood(parseLayers(await ask({ kind: "stale-results" }))),

    async insertSheet({ cells, ...sheet }, page) {
      const request = { sheet: { ...sheet, cells: [...cells] }, pageId: page ?? null };
      return textsOf(await ask({ kind: "insert-sheet", ...request }));
    },

    async insertSurface({ tile, ...surface }) {
      const id = await ask({ kind: "insert-surface", surface: { ...surface, tile } });
      return { id: understood(textOf(id)) };
    },

    async insertPicture(picture) {
      const id = await ask({ kind: "insert-picture", picture: await inTiles(picture) });
      return { id: understood(textOf(id)) };
    },

    async preview(shown) {
      if (shown === null) {
        await ask({ kind: "clear-preview" });
        return;
      }
      const { contentId, keepText, ...picture } = shown;
      await ask({ kind: "show-preview", contentId, keepText, picture: await inTiles(picture) });
    },

    // Results are layers here.
    download: () => undefined,

    async undo() {
      await ask({ kind: "undo" });
    },
    async show(layerId) {
      await ask({ kind: "show", layerId });
    },
    load: (key) => ask({ kind: "load", key }),
    async save(key, value) {
      await ask({ kind: "save", key, value });
    },

    notify(message, { error = false, action } = {}) {
      const words = message.slice(0, MAX_NOTICE_LENGTH);
      void ask({ kind: "notify", message: words, error, button: action?.label ?? null }).then((pressed) => {
        if (pressed === true) action?.run();
      });
    },
    resize: (height) => tell({ type: "resize", height }),
    close: () => tell({ type: "close" }),
  };
}

async function insertAll(
  ask: FigmaLine["ask"],
  results: readonly Insertion[],
  { page, sheetFollows = false }: InsertOptions = {},
): Promise<Inserted[]> {
  const fresh = results.filter(({ replaces }) => replaces === undefined);
  const copies = page === undefined ? null : await copyLayers(ask, fresh);
  const made: Inserted[] = [];
  let ended = sheetFollows;
  for (const [index, result] of results.entries()) {
    try {
      const last = !sheetFollows && index === results.length - 1;
      const copy = copies !== null && fresh.includes(result);
      const message = await toMessage(copy ? onto(result, copies.get(result) ?? null) : result);
      ended ||= last;
      made.push({ id: understood(textOf(await ask({ kind: "insert", result: message, last }))) });
    } catch (cause) {
      made.push({ error: toErrorBody(cause) });
    }
  }
  if (!ended) await ask({ kind: "end-insertion" });
  return made;
}

/** Of each result's content; null where that is gone. */
async function copyLayers(
  ask: FigmaLine["ask"],
  results: readonly Insertion[],
): Promise<Map<Insertion, string | null>> {
  const copies = await ask({ kind: "copy-layers", layerIds: results.map(({ contentId }) => contentId) });
  const ids = understood(Array.isArray(copies) ? copies.map(textOf) : null);
  return new Map(results.map((result, index) => [result, ids[index] ?? null]));
}

/** The result of a layer's copy, which it was painted as. */
function onto({ recipe, ...result }: Insertion, contentId: string | null): Insertion {
  if (contentId === null)
    throw new ImpastoError("not-found", "This layer was deleted.", { hint: "Undo that, then insert again." });
  return { ...result, contentId, recipe: { ...recipe, contentId } };
}

async function toMessage({ contentId, recipe, replaces, ...picture }: Insertion): Promise<InsertedResult> {
  return { ...(await inTiles(picture)), contentId, recipe, ...(replaces !== undefined && { replaces }) };
}

async function inTiles({ bytes, name, width, height }: SourcePicture): Promise<InsertedPicture> {
  const fits = width <= MAX_TILE_PX && height <= MAX_TILE_PX;
  const whole: Tile = { x: 0, y: 0, width, height, bytes };
  const tiles = fits ? [whole] : await cutIntoTiles({ bytes, name, width, height }, MAX_TILE_PX);
  return { name, width, height, tiles };
}

function understood<T>(value: T | null): T {
  if (value !== null) return value;
  throw new ImpastoError("version-mismatch", "The two halves of the plugin do not fit together.", {
    hint: "Close the plugin and open it again.",
  });
}
