// The eye: whether the quick picture is shown without a click.

import { IconButton } from "../components/button.tsx";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

export function LiveSwitch({ panel: { preferences, run } }: { panel: Panel }) {
  const { live } = preferences.value.value;
  return (
    <IconButton
      icon={live ? "eye" : "eye-off"}
      label={TEXTS.live}
      shortcut="live"
      pressed={live}
      disabled={run.phase.value !== "idle"}
      onClick={() => preferences.set({ live: !live })}
    />
  );
}
