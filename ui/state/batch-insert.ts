// What a batch has painted, inserted into the document: one undo step for all that is done and not inserted yet, among the
// originals or on a page of its own. Frames in several styles come as rows and columns where a host has frames for that; a
// newer result takes its older one's place.

import { batch as together } from "@preact/signals-core";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { EngineBatch } from "../engines/style-engine.ts";
import type { Host, Inserted, Insertion, InsertOptions, LayerRecipe } from "../host.ts";
import { placesOf } from "./batch-cells.ts";
import type { BatchRow, BatchRows } from "./batch-rows.ts";
import type { PaintedPicture } from "./history.ts";
import type { BatchMaking, BatchTarget } from "./stored-batch.ts";

interface Pending {
  index: number;
  row: BatchRow;
  /** In the engine's archive. */
  id: string | undefined;
  insertion: Insertion;
}

interface Made {
  index: number;
  outcome: Inserted;
}

/** Marks the rows. Returns what was put in, the first failure, and where further results go. */
export async function insertFrames(
  host: Host,
  running: EngineBatch,
  { rows, change }: BatchRows,
  making: BatchMaking,
  target: BatchTarget,
): Promise<{ inserted: PaintedPicture[]; failure: ErrorBody | null; target: BatchTarget }> {
  const keeps = host.capabilities.sheets === "layers";
  const pending: Pending[] = [];
  for (const [index, row] of rows.value.entries()) {
    if (row.status !== "done" || row.inserted) continue;
    const { id, bytes, width, height } = await running.result(index);
    const recipe = recipeOf(row, making);
    const name = `${row.name} / ${recipe.styleName}`;
    const older = keeps && row.layerId !== null ? { replaces: row.layerId } : {};
    pending.push({ index, row, id, insertion: { contentId: row.id, name, bytes, width, height, recipe, ...older } });
  }
  const newer = pending.filter(({ insertion }) => insertion.replaces !== undefined);
  const others = pending.filter((one) => !newer.includes(one));
  const wantsPage = target.onNewPage && others.length > 0;
  const page = wantsPage ? await host.resultsPage?.(target.page) : undefined;
  const places = keeps ? placesOf(rows.value, making.styles.length) : null;
  const made =
    places === null || others.length === 0
      ? await insertAll(host, pending, { page })
      : [
          ...(await insertAll(host, newer, { sheetFollows: true })),
          ...(await insertGrid(host, others, places, making, page)),
        ];
  const failures: ErrorBody[] = [];
  together(() => {
    for (const { index, outcome } of made) {
      const error = "error" in outcome ? withName(outcome.error, rows.value[index]) : null;
      if (error !== null) failures.push(error);
      change(index, { inserted: error === null, error, ...("id" in outcome && { layerId: outcome.id }) });
    }
  });
  const failed = new Set(made.flatMap(({ index, outcome }) => ("error" in outcome ? [index] : [])));
  const inserted = pending.filter(({ index }) => !failed.has(index)).map(({ id, insertion }) => ({ ...insertion, id }));
  return { inserted, failure: failures[0] ?? null, target: { ...target, page: page ?? target.page } };
}

/** "This layer" says nothing among many. */
function withName(error: ErrorBody, row: BatchRow | undefined): ErrorBody {
  if (error.code !== "not-found" || row === undefined) return error;
  return { ...error, message: `“${row.name}” was deleted.` };
}

/** A batch goes over whole frames. */
export function recipeOf(row: BatchRow, { styles, settings }: BatchMaking): LayerRecipe {
  const style = styles[row.style ?? 0];
  return {
    version: 1,
    contentId: row.id,
    contentName: row.name,
    styleId: style?.id ?? null,
    styleName: style?.name ?? "",
    styleKey: style?.key ?? null,
    moreStyles: [],
    masks: [],
    keepText: false,
    settings: row.strength === null ? settings : { ...settings, strength: row.strength },
  };
}

async function insertAll(host: Host, pending: readonly Pending[], options: InsertOptions): Promise<Made[]> {
  if (pending.length === 0) return [];
  const insertions = pending.map(({ insertion }) => insertion);
  return madeOf(pending, await host.insert(insertions, options));
}

function madeOf(pending: readonly Pending[], outcomes: readonly Inserted[]): Made[] {
  return outcomes.map((outcome, at) => ({ index: pending[at]?.index ?? -1, outcome }));
}

/** Frames are rows, styles columns; each picture as large as its frame. */
async function insertGrid(
  host: Host,
  pending: readonly Pending[],
  places: readonly number[],
  { styles }: BatchMaking,
  page: string | undefined,
): Promise<Made[]> {
  const [first] = pending;
  if (first === undefined) return [];
  const cells = pending.map(({ index, row: { width, height }, insertion: { name, bytes, recipe } }) => ({
    ...{ label: name, bytes, width, height, recipe },
    at: places[index] ?? 0,
  }));
  const name = styles.map((style) => style.name).join(", ");
  const ids = await host.insertSheet({ contentId: first.row.id, name, columns: styles.length, cells }, page);
  return madeOf(
    pending,
    pending.map((_, at) => ({ id: ids[at] ?? "" })),
  );
}
