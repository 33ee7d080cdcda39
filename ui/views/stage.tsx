// The upper part of the Stylize tab: the two layers, the live picture, or the comparison.

import { Compare } from "../components/compare.tsx";
import { Bitmap, Picture } from "../components/picture.tsx";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";
import { Pair } from "./pair.tsx";
import { StyleSheet } from "./style-sheet.tsx";

export function Stage({ panel }: { panel: Panel }) {
  const { phase, preview, result, sources } = panel.run;
  const read = sources.value;

  if (phase.value === "done" && result.value && read) {
    return (
      <div class="stage picture-stage">
        <Compare before={read.content.bytes} after={result.value.bytes} />
      </div>
    );
  }
  if ((phase.value === "running" || phase.value === "failed") && read) {
    const shown = preview.value;
    return (
      <div class="stage picture-stage">
        {shown ? (
          <Bitmap bitmap={shown} label={TEXTS.livePreview} />
        ) : (
          <Picture bytes={(result.value ?? read.content).bytes} label={TEXTS.livePreview} />
        )}
      </div>
    );
  }
  return (
    <div class="stage">
      <Pair panel={panel} />
      {panel.pickingStyle.value && phase.value === "idle" && <StyleSheet panel={panel} />}
    </div>
  );
}
