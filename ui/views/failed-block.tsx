// When a run failed: what happened, the step that most likely helps, and the way out.

import { wantedSide } from "../../companion/protocol/sizing.ts";
import { Button } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import type { Panel } from "../state/panel.ts";
import { type FailureAction, failureWords, TEXTS } from "../texts.ts";

export function FailedBlock({ panel }: { panel: Panel }) {
  const error = panel.run.error.value;
  if (error === null) return null;
  const { title, body, action, label } = failureWords(error);
  const otherEngine = panel.engineKind.value === "companion";
  return (
    <div role="alert" class="failed">
      <Notice tone="danger" title={title} body={body} />
      <div class="actions spread">
        {action !== "back" && <Button onClick={() => panel.run.back()}>{TEXTS.back}</Button>}
        {otherEngine && action !== "back" && (
          <Button onClick={() => void panel.runInPanel()}>{TEXTS.continueInPanel}</Button>
        )}
      </div>
      <Button kind="primary" wide isDefault onClick={() => perform(panel, action)}>
        {label}
      </Button>
    </div>
  );
}

function perform(panel: Panel, action: FailureAction): void {
  const { run } = panel;
  switch (action) {
    case "retry":
      void run.retry();
      return;
    case "smaller": {
      // A texture has its own size.
      if (panel.texture.isOpen.value) {
        run.back();
        return;
      }
      panel.setSetting("size", Math.max(128, Math.round(wantedSide(panel.settings.value) * 0.625)));
      void run.start();
      return;
    }
    case "cpu":
      panel.setSetting("device", "cpu");
      void run.retry();
      return;
    case "panel":
      void panel.runInPanel();
      return;
    case "settings":
      run.back();
      panel.selectTab("settings");
      return;
    case "back":
      run.back();
      return;
  }
}
