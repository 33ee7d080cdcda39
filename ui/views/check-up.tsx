// Settings: what works on this computer and what does not, in the doctor's words, and a report for support.

import type { Doctor } from "../../companion/protocol/networks.ts";
import { Button } from "../components/button.tsx";
import { CopyButton } from "../components/copy-button.tsx";
import { Icon } from "../components/icon.tsx";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

export function CheckUp({ panel }: { panel: Panel }) {
  const { doctor, checking, doctorError, check } = panel.settingsPage;
  const found = doctor.value;
  const error = doctorError.value;
  return (
    <section>
      <h2>{TEXTS.settingsCheck}</h2>
      {found && (
        <ul class="checks">
          {found.checks.map(({ name, ok, detail, hint }) => (
            <li key={name} class={ok ? "check" : "check bad"}>
              <Icon name={ok ? "check" : "warning"} />
              <span>
                <span class="strong">{name}</span> {detail}
                {!ok && hint && <span class="check-hint"> {hint}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
      {error && (
        <p class="hint bad" role="alert">
          {error.message} {error.hint}
        </p>
      )}
      <div class="actions spread">
        <Button shortcut="check" disabled={checking.value} onClick={() => void check()}>
          {checking.value ? TEXTS.checking : TEXTS.check}
        </Button>
        {found && <CopyButton text={reportText(found)} label={TEXTS.copyReport} />}
      </div>
    </section>
  );
}

/** For support: no picture, no name of a file or a layer. */
function reportText({ versions, checks, devices, networks, jobs }: Doctor): string {
  const lines = [
    ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
    ...checks.map(({ name, ok, detail }) => `${ok ? "ok  " : "FAIL"} ${name}: ${detail}`),
    ...devices.map(({ kind, name, usable, detail }) => `${usable ? "ok  " : "no  "} ${kind} ${name}: ${detail}`),
    ...networks.map(({ name, state, sha256 }) => `${name} ${state} ${sha256 ?? ""}`),
    ...Object.entries(jobs).map(([state, count]) => `jobs ${state} ${count}`),
  ];
  return `${lines.join("\n")}\n`;
}
