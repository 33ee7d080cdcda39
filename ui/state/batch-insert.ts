// What a batch has painted, inserted into the document: one undo step for all that is done and not inserted yet.

import { batch as together } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { EngineBatch } from "../engines/style-engine.ts";
import type { Host, Insertion, LayerRecipe } from "../host.ts";
import type { BatchRows } from "./batch-rows.ts";
import type { BatchStyle } from "./stored-batch.ts";

/** Marks the rows. Returns the first failure, or null. */
export async function insertFrames(
  host: Host,
  running: EngineBatch,
  { rows, change }: BatchRows,
  { styleId, styleName, styleKey, settings }: BatchStyle,
): Promise<ErrorBody | null> {
  const insertions: Insertion[] = [];
  const indexes: number[] = [];
  for (const [index, row] of rows.value.entries()) {
    if (row.status !== "done" || row.inserted) continue;
    const { bytes, width, height } = await running.result(index);
    const recipe: LayerRecipe = {
      version: 1,
      contentId: row.id,
      contentName: row.name,
      styleId,
      styleName,
      styleKey,
      // A batch goes over whole frames.
      moreStyles: [],
      masks: [],
      keepText: false,
      settings,
    };
    insertions.push({ contentId: row.id, name: `${row.name} / ${styleName}`, bytes, width, height, recipe });
    indexes.push(index);
  }
  const made = await host.insert(insertions);
  let failure: ErrorBody | null = null;
  together(() => {
    for (const [at, outcome] of made.entries()) {
      const error = "error" in outcome ? outcome.error : null;
      failure ??= error;
      change(indexes[at] as number, { inserted: error === null, error });
    }
  });
  return failure;
}
