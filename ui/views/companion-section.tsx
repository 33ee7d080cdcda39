// Settings, first part: is the companion there, how to start it, the pairing code.

import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { CopyButton } from "../components/copy-button.tsx";
import { DownloadLink } from "../components/download-link.tsx";
import { downloadHere } from "../downloads.ts";
import type { Panel } from "../state/panel.ts";
import { linkWords, TEXTS } from "../texts.ts";

export function CompanionSection({ panel }: { panel: Panel }) {
  const state = panel.link.state.value;
  const inPanel = panel.preferences.value.value.engine === "panel";
  const words = linkWords(state);
  const title = words?.title ?? (state.kind === "ready" ? "Connected" : "Looking for the companion");
  return (
    <section aria-live="polite">
      <h2>{TEXTS.settingsCompanion}</h2>
      <div class="status-line">
        <span class={state.kind === "ready" ? "dot" : "dot panel"} aria-hidden="true" />
        <span class="strong">{title}</span>
        {state.kind === "ready" && (
          <Button kind="plain" onClick={() => void panel.link.forget()}>
            {TEXTS.forget}
          </Button>
        )}
      </div>
      {words && <p class="hint">{words.body}</p>}
      {(state.kind === "absent" || state.kind === "lost" || state.kind === "foreign") && <HowToStart />}
      {state.kind === "unpaired" && <PairingCode panel={panel} />}
      {state.kind !== "ready" && state.kind !== "unpaired" && (
        <div class="actions spread">
          <Button onClick={() => panel.link.retry()}>{TEXTS.tryAgain}</Button>
          <EngineSwitch panel={panel} inPanel={inPanel} />
        </div>
      )}
      {state.kind === "unpaired" && <EngineSwitch panel={panel} inPanel={inPanel} />}
      {state.kind === "ready" && inPanel && <EngineSwitch panel={panel} inPanel />}
    </section>
  );
}

function EngineSwitch({ panel, inPanel }: { panel: Panel; inPanel: boolean }) {
  return inPanel ? (
    <Button onClick={() => panel.useCompanion()}>{TEXTS.useCompanion}</Button>
  ) : (
    <Button
      onClick={() => {
        panel.continueInPanel();
        panel.selectTab("stylize");
      }}
    >
      {TEXTS.continueInPanel}
    </Button>
  );
}

function HowToStart() {
  const download = downloadHere();
  return (
    <>
      {download && <DownloadLink {...download} />}
      <p class="hint">{TEXTS.startDownloaded}</p>
      <p class="hint">{TEXTS.startFromSources}</p>
      <div class="command">
        <code>{TEXTS.startCommand}</code>
        <CopyButton text={TEXTS.startCommand} label={TEXTS.copy} />
      </div>
    </>
  );
}

function PairingCode({ panel }: { panel: Panel }) {
  const { code, pairing, pairingError, typeCode, submitCode } = panel.settingsPage;
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  const error = pairingError.value;
  return (
    <form
      class="pairing"
      onSubmit={(event) => {
        event.preventDefault();
        void submitCode();
      }}
    >
      <label for="pairing-code">{TEXTS.pairTitle}</label>
      <div class="pairing-row">
        <span class="field">
          <input
            id="pairing-code"
            ref={field}
            value={code.value}
            placeholder={TEXTS.pairPlaceholder}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            maxLength={12}
            disabled={pairing.value}
            aria-invalid={error !== null}
            aria-describedby="pairing-help"
            onInput={(event) => typeCode(event.currentTarget.value)}
          />
        </span>
        <Button kind="primary" disabled={pairing.value || code.value === ""} onClick={() => void submitCode()}>
          {TEXTS.pair}
        </Button>
      </div>
      <p id="pairing-help" class={error ? "hint bad" : "hint"} role={error ? "alert" : undefined}>
        {error ? `${error.message} ${error.hint ?? ""}` : pairing.value ? TEXTS.pairing : TEXTS.pairHelp}
      </p>
    </form>
  );
}
