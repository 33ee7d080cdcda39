// What is selected in Photopea. It sends no events, so the document is looked at while the panel is in view.

import type { Layer, Selection } from "../../host.ts";
import type { Documents } from "./documents.ts";
import type { ScriptDocument, ScriptLayer } from "./replies.ts";

const POLL_MS = 1000;

/** `alone`: what takes several scripts has the document to itself. Returns what ends it. */
export function watchSelection(
  documents: Documents,
  alone: <T>(work: () => Promise<T>) => Promise<T>,
  toLayer: (layer: ScriptLayer, home: ScriptDocument) => Layer,
  listener: (selection: Selection) => void,
): () => void {
  let order: string[] = [];
  let last = "";
  let looking = false;

  /** In the order in which layers were selected. */
  function toSelection(): Selection {
    const here = documents.present();
    const selected = here?.layers.filter((layer) => layer.selected).map((layer) => toLayer(layer, here)) ?? [];
    const ids = selected.map(({ id }) => id);
    order = [...order.filter((id) => ids.includes(id)), ...ids.filter((id) => !order.includes(id))];
    const layers = order.flatMap((id) => selected.filter((layer) => layer.id === id));
    return { layers, count: layers.length, readOnly: null };
  }

  async function look(): Promise<void> {
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
  }

  const timer = setInterval(() => void look(), POLL_MS);
  void look();
  return () => clearInterval(timer);
}
