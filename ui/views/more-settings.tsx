// Settings that most pictures do without, folded away.

import { SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import { needsCompanion } from "../../companion/protocol/settings-checks.ts";
import { NumberField } from "../components/number-field.tsx";
import { Select } from "../components/select.tsx";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

export function MoreSettings({ panel }: { panel: Panel }) {
  const { photoreal, photorealStrength } = panel.settings.value;
  const alone = panel.capabilities.value?.kind === "panel";
  const { default: whole, min, max, step, unit } = SETTINGS.photorealStrength;
  return (
    <details class="more" open={photoreal !== SETTINGS.photoreal.default}>
      <summary>{TEXTS.moreSettings}</summary>
      <Select
        label={TEXTS.photoreal}
        value={photoreal}
        options={SETTINGS.photoreal.choices.map((value) => {
          const label = TEXTS.photorealChoices[value];
          const disabled = alone && needsCompanion({ ...panel.settings.value, photoreal: value });
          return { value, label: disabled ? TEXTS.withCompanion(label) : label, disabled };
        })}
        onChange={(value) => panel.setSetting("photoreal", value as Settings["photoreal"])}
      />
      {photoreal === "off" ? null : (
        <NumberField
          label={TEXTS.photorealStrength}
          value={photorealStrength}
          placeholder={String(whole)}
          min={min}
          max={max}
          step={step}
          unit={unit}
          onChange={(value) => panel.setSetting("photorealStrength", value ?? whole)}
        />
      )}
    </details>
  );
}
