// The documents that are open in Photopea: the one in front as it was last asked for, a layer's pixels by way of a temporary
// one, and pictures opened as new ones.

import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { SourcePicture } from "../../host.ts";
import type { Bridge } from "./bridge.ts";
import { documentOf, isSame, layerId, touch, visiblePart } from "./layers.ts";
import { crop } from "./pixels.ts";
import { type DocumentKey, parseDocument, parseNumber, type ScriptDocument, type ScriptLayer } from "./replies.ts";
import { activate, closeCopy, countDocuments, describeDocument, saveLayer } from "./scripts.ts";

/** How long an opened picture may take to appear as a document, and how often to look. */
const OPEN_TIMEOUT_MS = 15_000;
const OPEN_POLL_MS = 100;
/** Names of temporary documents are nobody else's. */
const SESSION = Math.random().toString(36).slice(2);

interface Reached {
  layer: ScriptLayer;
  home: ScriptDocument;
  /** The document that was in front before. */
  front: DocumentKey;
}

export type Documents = ReturnType<typeof createDocuments>;

export function createDocuments(bridge: Bridge) {
  let present: ScriptDocument | null = null;
  let copies = 0;

  async function refresh(): Promise<ScriptDocument | null> {
    present = parseDocument((await bridge.run(describeDocument())).values[0]);
    return present;
  }

  /** The layer, its document in front. */
  async function reach(id: string): Promise<Reached> {
    const front = await refresh();
    if (front === null) throw noDocument();
    const key = documentOf(id);
    if (key !== null && !isSame(key, front)) {
      await bridge.run(activate(key));
      await refresh();
    }
    const home = present;
    const layer = home?.layers.find((one) => layerId(one, home) === id);
    if (home !== null && layer !== undefined) return { layer, home, front };
    throw new ImpastoError("not-found", "This layer is no longer there.", { hint: "Select another layer." });
  }

  async function countOpen(): Promise<number> {
    return parseNumber((await bridge.run(countDocuments())).values[0]);
  }

  /** "done" comes before the picture is there: the count of documents tells. */
  async function opened(before: number): Promise<void> {
    const deadline = performance.now() + OPEN_TIMEOUT_MS;
    while (performance.now() < deadline) {
      if ((await countOpen()) > before) return;
      await new Promise((resolve) => setTimeout(resolve, OPEN_POLL_MS));
    }
    throw new ImpastoError("internal", "Photopea did not open the result.", { hint: "Try Insert again." });
  }

  return {
    /** The one in front, as it was when it was last asked for. */
    present: () => present,
    refresh,
    reach,

    /** `over`: as it lies over that layer, where they touch. */
    async readPixels(id: string, maxSide: number, over?: string): Promise<SourcePicture> {
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
    },

    /** As a document of its own, which is in front then. */
    async open(bytes: Uint8Array): Promise<void> {
      const before = await countOpen();
      await bridge.openFile(bytes);
      await opened(before);
    },
  };
}

export function noDocument(): ImpastoError {
  return new ImpastoError("not-found", "No document is open in Photopea.", { hint: "Open a picture first." });
}
