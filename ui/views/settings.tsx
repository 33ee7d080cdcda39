// The Settings tab: the companion and its pairing, networks, where the work is done, the check-up, privacy.

import { Select } from "../components/select.tsx";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";
import { CheckUp } from "./check-up.tsx";
import { CompanionSection } from "./companion-section.tsx";
import { Networks } from "./networks.tsx";
import { PairingDesk } from "./pairing-desk.tsx";

export function SettingsView({ panel }: { panel: Panel }) {
  const ready = panel.link.state.value.kind === "ready";
  return (
    <div class="settings">
      <CompanionSection panel={panel} />
      {ready && (
        <>
          <section>
            <h2>{TEXTS.settingsDevice}</h2>
            <DeviceChoice panel={panel} />
          </section>
          {panel.link.admin.value && <PairingDesk panel={panel} />}
          <Networks panel={panel} />
          <CheckUp panel={panel} />
        </>
      )}
      <section>
        <h2>{TEXTS.settingsPrivacy}</h2>
        <p class="hint">{TEXTS.privacy}</p>
      </section>
    </div>
  );
}

function DeviceChoice({ panel }: { panel: Panel }) {
  const devices = panel.link.devices.value;
  const chosen = panel.settings.value.device;
  const current = devices.find((device) => device.kind === chosen);
  return (
    <>
      <Select
        label="Device"
        value={chosen}
        options={[
          { value: "auto", label: TEXTS.deviceAuto },
          ...devices.map(({ kind, name, usable }) => ({
            value: kind,
            label: usable ? name : `${name} (${TEXTS.deviceUnusable})`,
            disabled: !usable,
          })),
        ]}
        onChange={(value) => {
          const next = value === "auto" ? "auto" : devices.find(({ kind }) => kind === value)?.kind;
          if (next !== undefined) panel.setSetting("device", next);
        }}
      />
      <p class="hint">{current?.detail ?? panel.capabilities.value?.device ?? " "}</p>
    </>
  );
}
