// A number field for one setting; left empty it is the default.

import { SETTINGS, type SettingDescription } from "../../companion/protocol/settings.ts";
import { NumberField } from "../components/number-field.tsx";
import type { Panel } from "../state/panel.ts";

export interface SettingNumberProps {
  panel: Panel;
  name: "detail" | "photorealStrength" | "seed" | "styleScale";
  label: string;
  /** The setting's own where it has one. */
  unit?: string;
  disabled?: boolean;
}

export function SettingNumber({ panel, name, label, unit, disabled = false }: SettingNumberProps) {
  const { default: usual, min, max, step } = SETTINGS[name];
  const own: SettingDescription & { unit?: string } = SETTINGS[name];
  return (
    <NumberField
      label={label}
      value={panel.settings.value[name]}
      placeholder={String(usual)}
      min={min}
      max={max}
      step={step}
      unit={unit ?? own.unit}
      disabled={disabled}
      onChange={(value) => panel.setSetting(name, value ?? usual)}
    />
  );
}
