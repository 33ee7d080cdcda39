// The bottom line: what does the work; or what stands between the panel and the companion, and the next step.

import { Button } from "../components/button.tsx";
import { DownloadLink } from "../components/download-link.tsx";
import { Notice } from "../components/notice.tsx";
import { downloadHere } from "../downloads.ts";
import type { Panel } from "../state/panel.ts";
import { linkWords, TEXTS } from "../texts.ts";

export function EngineLine({ panel }: { panel: Panel }) {
  const state = panel.link.state.value;
  const inPanel = panel.preferences.value.value.engine === "panel";
  const words = inPanel ? null : linkWords(state);
  if (words !== null) {
    const { title, body, action } = words;
    const download = downloadHere();
    return (
      <footer class="engine" aria-live="polite">
        <Notice tone={state.kind === "lost" || state.kind === "blocked" ? "warning" : "info"} title={title} body={body}>
          {state.kind === "absent" && download && <DownloadLink {...download} />}
          {action === "start" && <Button onClick={() => panel.selectTab("settings")}>{TEXTS.howToStart}</Button>}
          {action === "pair" && <Button onClick={() => panel.selectTab("settings")}>Type the code</Button>}
          {action === "retry" && <Button onClick={() => panel.link.retry()}>{TEXTS.tryAgain}</Button>}
          <Button onClick={() => panel.continueInPanel()}>{TEXTS.continueInPanel}</Button>
        </Notice>
      </footer>
    );
  }
  return (
    <footer class="engine line" aria-live="polite">
      <span class={inPanel || state.kind !== "ready" ? "dot panel" : "dot"} aria-hidden="true" />
      <span class="engine-name">{engineWords(panel)}</span>
      {inPanel && (
        <Button kind="plain" onClick={() => panel.useCompanion()}>
          {TEXTS.useCompanion}
        </Button>
      )}
    </footer>
  );
}

function engineWords({ capabilities, engineKind, link }: Panel): string {
  if (link.state.value.kind === "searching" && engineKind.value === "panel") return "Looking for the companion";
  const device = capabilities.value?.device;
  if (engineKind.value === "panel") return device ?? TEXTS.panelDevice;
  return device === undefined ? TEXTS.settingsCompanion : `Companion on ${device}`;
}
