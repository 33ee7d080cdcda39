// While a run goes on: how far, how long still, the loss, and the three things one can do.

import { Button } from "../components/button.tsx";
import { LossCurve } from "../components/loss-curve.tsx";
import { ProgressBar } from "../components/progress.tsx";
import type { Panel } from "../state/panel.ts";
import { duration, percent, TEXTS } from "../texts.ts";

export function RunningBlock({ panel }: { panel: Panel }) {
  const { run } = panel;
  const progress = run.progress.value;
  const fraction = progress?.fraction ?? 0;
  const paused = run.state.value === "paused" || run.state.value === "disk-full";
  return (
    <>
      <div class="progress-line">
        <span role="status">{stateWords(panel)}</span>
        <span class="number">{leftWords(panel, fraction)}</span>
      </div>
      <ProgressBar value={fraction} label={TEXTS.painting} paused={paused || run.state.value === "lost"} />
      <LossCurve curve={run.curve.value} label={TEXTS.loss} />
      <p class="cost">{detailWords(panel)}</p>
      <div class="actions">
        <Button shortcut="cancel" onClick={() => run.back()}>
          {TEXTS.cancel}
        </Button>
        <Button
          shortcut="pause"
          disabled={run.phase.value !== "running" || progress === null}
          onClick={() => run.pauseOrResume()}
        >
          {paused ? TEXTS.resume : TEXTS.pause}
        </Button>
        <Button kind="primary" isDefault disabled={progress === null} onClick={() => run.useNow()}>
          {TEXTS.useNow}
        </Button>
      </div>
    </>
  );
}

function stateWords({ run }: Panel): string {
  if (run.phase.value === "preparing") return TEXTS.preparing(run.preparedParts.value, run.allParts.value);
  switch (run.state.value) {
    case "waiting":
      return TEXTS.waiting;
    case "running":
      return run.progress.value === null ? TEXTS.starting : TEXTS.painting;
    case "paused":
      return TEXTS.paused;
    case "disk-full":
      return TEXTS.pausedDisk;
    case "lost":
      return TEXTS.paused;
  }
}

function leftWords({ run }: Panel, fraction: number): string {
  const progress = run.progress.value;
  if (progress === null || run.state.value !== "running") return percent(fraction);
  return `${percent(fraction)}, ${duration(progress.secondsLeft)} left`;
}

function detailWords({ run }: Panel): string {
  const progress = run.progress.value;
  if (run.state.value === "lost") return TEXTS.lostRun;
  if (progress === null) return " ";
  const { phase, width, height, scaleIndex, scaleCount } = progress;
  if (phase !== "optimize") return `${width} × ${height} px, ${TEXTS.phases[phase]}`;
  return `${width} × ${height} px, pass ${scaleIndex + 1} of ${scaleCount}`;
}
