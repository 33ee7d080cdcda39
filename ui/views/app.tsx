// The panel: tabs, the chosen tab, and the line that says what does the work.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "../components/button.tsx";
import { Tabs } from "../components/tabs.tsx";
import type { Panel } from "../state/panel.ts";
import { percent, TEXTS } from "../texts.ts";
import { BatchView } from "./batch.tsx";
import { EngineLine } from "./engine-line.tsx";
import { HistoryButton } from "./history.tsx";
import { listenForKeys } from "./keyboard.ts";
import { KeysView } from "./keys.tsx";
import { SettingsView } from "./settings.tsx";
import { StaleLine } from "./stale-line.tsx";
import { StylizeView } from "./stylize.tsx";

export function App({ panel }: { panel: Panel }) {
  const root = useRef<HTMLElement>(null);

  useLayoutEffect(() => listenForKeys(panel), [panel]);
  useEffect(() => {
    const element = root.current as HTMLElement;
    const observer = new ResizeObserver(() => panel.host.resize(Math.ceil(element.offsetHeight)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [panel]);

  const tab = panel.tab.value;
  return (
    <main
      class="app"
      ref={root}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        panel.bringIn([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <h1 class="offscreen">Impasto</h1>
      <div class="top">
        <Tabs
          value={tab}
          tabs={[
            { value: "stylize", label: TEXTS.tabs.stylize, note: tab === "stylize" ? null : runNote(panel) },
            { value: "batch", label: TEXTS.tabs.batch, note: tab === "batch" ? null : batchNote(panel) },
            { value: "settings", label: TEXTS.tabs.settings },
          ]}
          onChange={(next) => panel.selectTab(next)}
        />
        <HistoryButton panel={panel} />
        <IconButton
          icon="keys"
          label={TEXTS.keys.title}
          shortcut="keys"
          pressed={panel.showingKeys.value}
          onClick={() => {
            panel.showingKeys.value = !panel.showingKeys.value;
          }}
        />
      </div>
      <div class="view" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {panel.showingKeys.value ? <KeysView panel={panel} /> : <TabView panel={panel} />}
      </div>
      {tab === "stylize" && <StaleLine panel={panel} />}
      {tab !== "settings" && <EngineLine panel={panel} />}
    </main>
  );
}

function TabView({ panel }: { panel: Panel }) {
  switch (panel.tab.value) {
    case "stylize":
      return <StylizeView panel={panel} />;
    case "batch":
      return <BatchView panel={panel} />;
    case "settings":
      return <SettingsView panel={panel} />;
  }
}

/** Work that goes on in a tab that is not shown. */
function runNote({ run }: Panel): string | null {
  const progress = run.progress.value;
  return run.phase.value === "running" && progress ? percent(progress.fraction) : null;
}

function batchNote({ batch }: Panel): string | null {
  return batch.active.value ? `${batch.finished.value}/${batch.rows.value.length}` : null;
}
