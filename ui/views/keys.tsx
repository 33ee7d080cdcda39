// Every key of the panel, and of the host around it where that has some.

import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "../components/button.tsx";
import { SHORTCUTS } from "../shortcuts.ts";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

export function KeysView({ panel }: { panel: Panel }) {
  const view = useRef<HTMLElement>(null);
  useEffect(() => view.current?.querySelector<HTMLElement>("button")?.focus(), []);
  const own = Object.values(SHORTCUTS).map(({ key, label }) => [key, label] as const);
  return (
    <section class="explore" ref={view} aria-label={TEXTS.keys.title}>
      <header>
        <h2>{TEXTS.keys.title}</h2>
        <IconButton
          icon="close"
          label={TEXTS.close}
          onClick={() => {
            panel.showingKeys.value = false;
          }}
        />
      </header>
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
    </section>
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
