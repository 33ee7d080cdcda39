// What goes into Photopea's documents: a result is opened, moved above its content and named; what is no layer above another
// gets a document of its own. Undone as many steps as it took.

import { drawSheet } from "../../draw-sheet.ts";
import { drawSurface } from "../../draw-surface.ts";
import type { Host, Inserted, Insertion, SourcePicture } from "../../host.ts";
import { toErrorBody } from "../../state/to-error-body.ts";
import type { Bridge } from "./bridge.ts";
import { type Documents, noDocument } from "./documents.ts";
import { layerId, visiblePart } from "./layers.ts";
import { stretch } from "./pixels.ts";
import type { Recipes } from "./recipes.ts";
import { type DocumentKey, parseText } from "./replies.ts";
import { activate, placeAbove, undoStep } from "./scripts.ts";

/** Opening, moving and placing are steps of the history each: duplicate, move, translate. */
const STEPS_PER_RESULT = 3;

export interface InsertionParts {
  bridge: Bridge;
  documents: Documents;
  recipes: Recipes;
  /** What takes several scripts has the document to itself: a temporary one must not be taken for it. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export function createInsertions({
  bridge,
  documents,
  recipes,
  alone,
}: InsertionParts): Pick<Host, "insert" | "insertSheet" | "insertSurface" | "insertPicture" | "undo"> {
  /** Insertions and where they went, so that one undo takes a whole batch back. */
  const inserted: { results: number; home: DocumentKey }[] = [];

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

    async insertSheet(sheet) {
      await openAlone(await drawSheet(sheet));
      return [];
    },

    async insertSurface(surface) {
      return openAlone(await drawSurface(surface));
    },

    insertPicture: openAlone,

    async undo() {
      const last = inserted.pop();
      if (last === undefined) return;
      await alone(async () => {
        await bridge.run(activate(last.home));
        for (let step = last.results * STEPS_PER_RESULT; step > 0; step--) await bridge.run(undoStep());
      });
    },
  };
}
