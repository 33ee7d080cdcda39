// What stands at the stage's corner: the variations, and the eye.

import { IconButton } from "../components/button.tsx";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";
import { LiveSwitch } from "./live-switch.tsx";

export function StageTools({ panel }: { panel: Panel }) {
  const { explore, inputs, run } = panel;
  const isReady = inputs.problem.value === null && inputs.recipe.value === null && run.phase.value === "idle";
  return (
    <span class="stage-tools">
      <IconButton
        icon="grid"
        label={TEXTS.explore}
        shortcut="explore"
        disabled={!isReady}
        onClick={() => explore.open()}
      />
      <LiveSwitch panel={panel} />
    </span>
  );
}
