// Settings: which network looks at the pictures, and the ones that can be downloaded.

import type { NetworkInfo } from "../../companion/protocol/networks.ts";
import { Button } from "../components/button.tsx";
import { ProgressBar } from "../components/progress.tsx";
import { Select } from "../components/select.tsx";
import type { Panel } from "../state/panel.ts";
import { bytes, percent, TEXTS } from "../texts.ts";

export function Networks({ panel }: { panel: Panel }) {
  const networks = panel.link.networks.value;
  const chosen = panel.settings.value.network;
  const here = networks.filter(({ state }) => state !== "missing");
  return (
    <section>
      <h2>{TEXTS.settingsNetworks}</h2>
      <Select
        label={TEXTS.network}
        value={here.some(({ name }) => name === chosen) ? chosen : "auto"}
        options={[
          { value: "auto", label: TEXTS.networkAuto },
          ...here.map(({ name }) => ({ value: name, label: name })),
        ]}
        onChange={(value) => panel.setSetting("network", value)}
      />
      <ul class="networks">
        {networks.map((network) => (
          <NetworkRow key={network.name} panel={panel} network={network} />
        ))}
      </ul>
    </section>
  );
}

function NetworkRow({ panel, network }: { panel: Panel; network: NetworkInfo }) {
  const { pulls, pullErrors, pull } = panel.settingsPage;
  const { name, state, bytes: size } = network;
  const progress = pulls.value[name];
  const error = pullErrors.value[name];
  const fraction = progress ? progress.receivedBytes / Math.max(1, progress.totalBytes) : 0;
  return (
    <li class="network">
      <span class="strong">{name}</span>
      <span class="hint">{`${bytes(size)}, ${progress ? percent(fraction) : TEXTS.networkStates[state].toLowerCase()}`}</span>
      <span class="network-action">
        {state === "missing" && (
          <Button shortcut="getNetwork" disabled={progress !== undefined} onClick={() => void pull(name)}>
            {TEXTS.getNetwork}
          </Button>
        )}
      </span>
      <div class="network-bar">{progress && <ProgressBar value={fraction} label={name} />}</div>
      {error && (
        <p class="hint bad" role="alert">
          {error.message} {error.hint}
        </p>
      )}
    </li>
  );
}
