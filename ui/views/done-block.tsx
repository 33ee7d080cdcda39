// After a run: what came out, insert it, or change something.

import { Button } from "../components/button.tsx";
import { ProgressBar } from "../components/progress.tsx";
import type { Panel } from "../state/panel.ts";
import { duration, TEXTS } from "../texts.ts";

export function DoneBlock({ panel }: { panel: Panel }) {
  const { run, host } = panel;
  const result = run.result.value;
  if (result === null) return null;
  const insertedId = run.insertedId.value;
  const isTexture = run.sources.value?.surface !== undefined;
  const { width, height, seconds, device, fallback, notes = [] } = result;
  return (
    <>
      <div class="progress-line">
        <span role="status">{insertedId === null ? `Done in ${duration(seconds)}` : TEXTS.inserted}</span>
        <span class="number">{`${width} × ${height} px`}</span>
      </div>
      <ProgressBar value={1} label={TEXTS.painting} />
      <p class="done-detail">
        {[fallback ?? `Painted on ${device}.`, ...notes].join(" ")}
        <br />
        {isTexture ? TEXTS.textureDone : TEXTS.tweakHint}
      </p>
      <div class="actions spread">
        <Button shortcut="again" onClick={() => run.back()}>
          {TEXTS.again}
        </Button>
        {host.capabilities.results === "both" && (
          <Button shortcut="download" onClick={() => run.download()}>
            {TEXTS.download}
          </Button>
        )}
        {host.capabilities.undo && (
          <Button disabled={insertedId === null} onClick={() => void run.undo()}>
            {TEXTS.undo}
          </Button>
        )}
      </div>
      {insertedId === null ? (
        <Button kind="primary" wide isDefault disabled={run.inserting.value} onClick={() => void run.insert()}>
          {run.inserting.value ? TEXTS.inserting : isTexture ? TEXTS.insertTexture : TEXTS.insert}
        </Button>
      ) : (
        <Button kind="primary" wide isDefault onClick={() => void run.show()}>
          {TEXTS.show}
        </Button>
      )}
    </>
  );
}
