// Settings on the companion's own page: a code for another panel, and who is paired.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { formatCode } from "../../companion/protocol/pairing.ts";
import { photopeaLink } from "../../companion/protocol/photopea.ts";
import { FIGMA_PLUGIN_PATH } from "../../companion/protocol/ports.ts";
import { Button } from "../components/button.tsx";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

export function PairingDesk({ panel }: { panel: Panel }) {
  const { pairingWindow, pairings, deskError, openPairing, closePairing, listPairings, unpair } = panel.settingsPage;
  const open = pairingWindow.value;
  const secondsLeft = useSignal(0);

  useEffect(() => {
    void listPairings();
  }, [panel]);
  useEffect(() => {
    if (open === null) return;
    const tick = () => {
      secondsLeft.value = Math.max(0, Math.ceil((open.expiresAt - Date.now()) / 1000));
      if (secondsLeft.value === 0) closePairing();
      void listPairings();
    };
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [open]);

  const others = pairings.value.filter(({ host }) => host !== "page" && host !== "cli");
  return (
    <section>
      <h2>{TEXTS.settingsPanels}</h2>
      {open === null ? (
        <>
          <p class="hint">{TEXTS.connectHint}</p>
          <div class="actions spread">
            <Button shortcut="connect" onClick={() => void openPairing()}>
              {TEXTS.connectPanel}
            </Button>
          </div>
          <p class="hint links">
            <a href={FIGMA_PLUGIN_PATH} download>
              {TEXTS.getFigmaPlugin}
            </a>
            <a href={photopeaLink(`${location.origin}/photopea/`)} target="_blank" rel="noreferrer">
              {TEXTS.openPhotopea}
            </a>
          </p>
        </>
      ) : (
        <>
          <output class="pairing-shown">{formatCode(open.code)}</output>
          <p class="hint">{TEXTS.codeGoodFor(secondsLeft.value)}</p>
        </>
      )}
      <ul class="networks">
        {others.map(({ id, name, host }) => (
          <li key={id} class="status-line">
            <span class="strong">{name || host}</span>
            <Button kind="plain" onClick={() => void unpair(id)}>
              {TEXTS.unpair}
            </Button>
          </li>
        ))}
      </ul>
      {deskError.value && (
        <p class="hint bad" role="alert">
          {deskError.value.message} {deskError.value.hint}
        </p>
      )}
    </section>
  );
}
