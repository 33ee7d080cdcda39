// The Stylize tab. The stage, the strength and the block below it keep their places and heights through all
// phases, so that nothing jumps when a run starts, ends or fails.

import { SETTINGS } from "../../companion/protocol/settings.ts";
import { Slider } from "../components/slider.tsx";
import type { Panel } from "../state/panel.ts";
import { DoneBlock } from "./done-block.tsx";
import { ExploreView } from "./explore.tsx";
import { FailedBlock } from "./failed-block.tsx";
import { HistoryView } from "./history.tsx";
import { ModelsView } from "./models.tsx";
import { RunningBlock } from "./running-block.tsx";
import { SetupBlock } from "./setup-block.tsx";
import { ShelfView } from "./shelf.tsx";
import { Stage } from "./stage.tsx";
import { TextureView } from "./texture.tsx";

export function StylizeView({ panel }: { panel: Panel }) {
  const { phase } = panel.run;
  const { min, max, step, label } = SETTINGS.strength;
  // Its button is there whatever else is open.
  if (panel.history.isOpen.value && (phase.value === "idle" || phase.value === "done")) {
    return <HistoryView panel={panel} />;
  }
  if (panel.explore.isOpen.value && phase.value === "idle") return <ExploreView panel={panel} />;
  if (panel.texture.isOpen.value && phase.value === "idle") return <TextureView panel={panel} />;
  if (panel.managingStyles.value && phase.value === "idle") return <ShelfView panel={panel} />;
  if (panel.models.isOpen.value && phase.value === "idle") return <ModelsView panel={panel} />;
  const isTexture = panel.texture.isOpen.value;
  return (
    <div class="stylize">
      <Stage panel={panel} />
      <Slider
        label={label}
        value={isTexture ? max : panel.settings.value.strength}
        min={min}
        max={max}
        step={step}
        disabled={isTexture}
        onInput={(value) => panel.setSetting("strength", value)}
      />
      <div class="block">
        {phase.value === "idle" && <SetupBlock panel={panel} />}
        {(phase.value === "preparing" || phase.value === "running") && <RunningBlock panel={panel} />}
        {phase.value === "done" && <DoneBlock panel={panel} />}
        {phase.value === "failed" && <FailedBlock panel={panel} />}
      </div>
    </div>
  );
}
