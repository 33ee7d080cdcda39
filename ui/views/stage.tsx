// The upper part of the Stylize tab: the layers, the live preview, the picture in work, or the comparison.

import { Checkbox } from "../components/checkbox.tsx";
import { Compare } from "../components/compare.tsx";
import { Bitmap, Picture, Repeated } from "../components/picture.tsx";
import type { Panel } from "../state/panel.ts";
import type { RunSources } from "../state/run-sources.ts";
import { TEXTS } from "../texts.ts";
import { LiveStage } from "./live-stage.tsx";
import { Pair } from "./pair.tsx";
import { RoleList } from "./role-list.tsx";
import { StyleSheet } from "./style-sheet.tsx";

export function Stage({ panel }: { panel: Panel }) {
  const { phase, sources } = panel.run;
  const read = sources.value;
  if (read !== null && ["running", "done", "failed"].includes(phase.value)) {
    const names = `${read.content.name} / ${read.styleName}`;
    return (
      <div class="stage">
        <p class="stage-line line-name" title={names}>
          {names}
        </p>
        <div class="picture-stage">
          <RunPicture panel={panel} read={read} />
        </div>
      </div>
    );
  }
  const { inputs, live, preferences } = panel;
  const withText = inputs.textOffered.value;
  const isLive = live.state.value.kind === "painting" || live.state.value.kind === "shown";
  return (
    <div class={withText ? "stage with-text" : "stage"}>
      {isLive ? (
        <LiveStage panel={panel} />
      ) : inputs.showsRows.value ? (
        <RoleList panel={panel} />
      ) : (
        <Pair panel={panel} />
      )}
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

function RunPicture({ panel, read }: { panel: Panel; read: RunSources }) {
  const { phase, preview, result } = panel.run;
  if (phase.value === "done" && result.value !== null) {
    if (read.surface !== undefined) return <Repeated tile={result.value} surface={read.surface} label={TEXTS.result} />;
    return <Compare before={read.content.bytes} after={result.value.bytes} label={TEXTS.result} />;
  }
  if (preview.value !== null) return <Bitmap bitmap={preview.value} label={TEXTS.livePreview} />;
  const begun = result.value ?? panel.live.view.value?.picture ?? read.content;
  return <Picture bytes={begun.bytes} label={TEXTS.livePreview} />;
}
