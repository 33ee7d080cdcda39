// Results on their way into the document: what comes together is one undo step, with its preview and its copies; nothing of
// it stays when the plugin closes before it ended.

import { ImpastoError } from "../companion/protocol/errors.ts";
import { clearPreview } from "./preview.ts";
import { reasonOf } from "./reason.ts";
import { dropResultsPage, endResultsPage } from "./results-page.ts";
import { pageOf } from "./tree.ts";

/** They are selected together with the last one. */
let inserted: SceneNode[] = [];

export function addInserted(layer: SceneNode): void {
  inserted.push(layer);
}

/** Brings into view and selects what is on one page: the results' own, else the one in view. */
export async function endInsertion(): Promise<void> {
  clearPreview();
  const page = endResultsPage();
  const layers = inserted.filter((layer) => !layer.removed);
  inserted = [];
  try {
    if (page !== null) await figma.setCurrentPageAsync(page);
    const here = layers.filter((layer) => pageOf(layer)?.id === figma.currentPage.id);
    if (here.length === 0) return;
    figma.currentPage.selection = here;
    if (!here.every(isInView)) figma.viewport.scrollAndZoomIntoView(here);
  } finally {
    figma.commitUndo();
  }
}

/** The panel does not know of what it was not told: it would insert that again. */
export function dropInsertion(): void {
  for (const layer of inserted) if (!layer.removed) layer.remove();
  inserted = [];
  dropResultsPage();
}

/** Whatever came of it: what was put in is one undo step. */
export async function asInsertion<T>(draw: () => Promise<T>): Promise<T> {
  try {
    return await draw();
  } catch (cause) {
    throw refusedBecause(cause);
  } finally {
    await endInsertion();
  }
}

export function refusedBecause(cause: unknown): ImpastoError {
  if (cause instanceof ImpastoError) return cause;
  return new ImpastoError("conflict", `Figma did not take the result: ${reasonOf(cause)}`, {
    hint: "Check that you may edit this file, then insert it again.",
    cause,
  });
}

function isInView(node: SceneNode): boolean {
  const box = node.absoluteBoundingBox;
  const view = figma.viewport.bounds;
  if (box === null) return true;
  const beside = box.x > view.x + view.width || box.x + box.width < view.x;
  return !beside && box.y <= view.y + view.height && box.y + box.height >= view.y;
}
