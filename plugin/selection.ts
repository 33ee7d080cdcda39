// The selection as the panel shows it. Figma lists it in the order of the layers; the order in which they were
// clicked is remembered here, since the style is usually clicked last.

import { MAX_PARTS, MAX_SELECTED, type Selection } from "../companion/protocol/host/layer-types.ts";
import { describeLayer } from "./layers.ts";
import { holdsText } from "./texts.ts";

let order: string[] = [];

/** Call at each change of the selection. */
export function describeSelection(): Selection {
  const selected = figma.currentPage.selection;
  order = nextOrder(
    order,
    selected.map(({ id }) => id),
  );
  const layers = order.slice(-MAX_SELECTED).flatMap((id) => {
    const node = selected.find((one) => one.id === id);
    if (node === undefined) return [];
    // A long selection is a batch's: all that lies in it is not looked through.
    return [{ ...describeLayer(node), hasText: selected.length <= MAX_PARTS && node.visible && holdsText(node) }];
  });
  return { layers, count: selected.length, readOnly: readOnlyReason() };
}

/** What stays selected keeps its place; what was added comes last. */
export function nextOrder(before: readonly string[], selected: readonly string[]): string[] {
  const now = new Set(selected);
  const kept = before.filter((id) => now.has(id));
  const known = new Set(kept);
  return [...kept, ...selected.filter((id) => !known.has(id))];
}

function readOnlyReason(): string | null {
  return figma.editorType === "dev" ? "Dev Mode cannot change the file. Switch to the Design tab." : null;
}
