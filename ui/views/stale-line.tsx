// Results that are older than their layers, and the click that paints them anew. Nothing while there are none.

import { Button } from "../components/button.tsx";
import type { Panel } from "../state/panel.ts";
import { percent, TEXTS } from "../texts.ts";

export function StaleLine({ panel }: { panel: Panel }) {
  const { stale, run } = panel;
  const count = stale.results.value.length;
  const at = stale.repainted.value;
  if (count === 0) return null;
  const { error } = stale;
  return (
    <section class="stale" aria-label={TEXTS.repaint}>
      <span role="status">
        {at !== null
          ? TEXTS.repainting(Math.min(at + 1, count), count, percent(stale.fraction.value))
          : (error.value?.message ?? TEXTS.stale(count))}
      </span>
      {at === null ? (
        <Button kind="plain" shortcut="repaint" disabled={run.active.value} onClick={() => void stale.repaint()}>
          {TEXTS.repaint}
        </Button>
      ) : (
        <Button kind="plain" onClick={() => stale.stop()}>
          {TEXTS.stop}
        </Button>
      )}
    </section>
  );
}
