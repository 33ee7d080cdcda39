// Every key of the panel, and of the host around it where that has some.

import { Page } from "../components/page.tsx";
import { SHORTCUTS } from "../shortcuts.ts";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

export function KeysView({ panel }: { panel: Panel }) {
  const own = Object.values(SHORTCUTS).map(({ key, label }) => [key, label] as const);
  return (
    <Page
      title={TEXTS.keys.title}
      onClose={() => {
        panel.showingKeys.value = false;
      }}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled with the keyboard too */}
      <div class="key-lists" tabIndex={0}>
        <KeyList keys={TEXTS.keys.everywhere} />
        <KeyList keys={own} inTwo />
        {panel.host.capabilities.keys && (
          <>
            <h3>{TEXTS.keys.canvas}</h3>
            <KeyList keys={panel.host.capabilities.keys} />
          </>
        )}
      </div>
    </Page>
  );
}

interface KeyListProps {
  keys: readonly (readonly [key: string, label: string])[];
  /** Side by side: letters with few words. */
  inTwo?: boolean;
}

function KeyList({ keys, inTwo }: KeyListProps) {
  return (
    <dl class={inTwo ? "keys in-two" : "keys"}>
      {keys.map(([key, label]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{label}</dd>
        </div>
      ))}
    </dl>
  );
}
