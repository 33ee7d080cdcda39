// The upper part of the Stylize tab: the layers, the live picture, or the comparison.

import { Checkbox } from "../components/checkbox.tsx";
import { Compare } from "../components/compare.tsx";
import { Bitmap, Picture } from "../components/picture.tsx";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";
import { Pair } from "./pair.tsx";
import { RoleList } from "./role-list.tsx";
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
  const { inputs, preferences } = panel;
  const withText = inputs.textOffered.value;
  return (
    <div class={withText ? "stage with-text" : "stage"}>
      {inputs.showsRows.value ? <RoleList panel={panel} /> : <Pair panel={panel} />}
      {withText && (
        <Checkbox
          label={TEXTS.keepText}
          hint={TEXTS.keepTextHint}
          checked={preferences.value.value.keepText}
          disabled={phase.value !== "idle"}
          onChange={(keepText) => preferences.set({ keepText })}
        />
      )}
      {panel.pickingStyle.value && phase.value === "idle" && <StyleSheet panel={panel} />}
    </div>
  );
}
