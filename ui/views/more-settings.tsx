// Settings that most pictures do without, folded away.

import { QUALITIES, SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import { companionOnly } from "../../companion/protocol/settings-checks.ts";
import { NumberField } from "../components/number-field.tsx";
import { Select } from "../components/select.tsx";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

const KEEP_CHOICES = ["keep", "keep-linear", "keep-histogram"] as const;

export function MoreSettings({ panel }: { panel: Panel }) {
  const { colors, contentLoss, photoreal, photorealStrength, quality, seamless } = panel.settings.value;
  const quick = QUALITIES[quality].method === "quick";
  const alone = panel.capabilities.value?.kind === "panel";
  const { default: whole, min, max, step, unit } = SETTINGS.photorealStrength;
  return (
    <details
      class="more"
      open={
        photoreal !== SETTINGS.photoreal.default ||
        seamless !== SETTINGS.seamless.default ||
        contentLoss !== SETTINGS.contentLoss.default ||
        colors.startsWith("keep-")
      }
    >
      <summary>{TEXTS.moreSettings}</summary>
      {colors === "style" ? null : (
        <Select
          label={TEXTS.keepColorsBy}
          value={colors}
          options={KEEP_CHOICES.map((value) => ({ value, label: TEXTS.keepChoices[value] }))}
          onChange={(value) => panel.setSetting("colors", value as Settings["colors"])}
        />
      )}
      <Select
        label={TEXTS.seamless}
        value={seamless}
        options={SETTINGS.seamless.choices.map((value) => ({
          value,
          label: TEXTS.seamlessChoices[value],
          disabled: quick && value !== "off",
        }))}
        onChange={(value) => panel.setSetting("seamless", value as Settings["seamless"])}
      />
      <Select
        label={TEXTS.contentLoss}
        value={contentLoss}
        options={contentLossOptions(contentLoss)}
        onChange={(value) => panel.setSetting("contentLoss", value)}
      />
      <Select
        label={TEXTS.photoreal}
        value={photoreal}
        options={SETTINGS.photoreal.choices.map((value) => {
          const label = TEXTS.photorealChoices[value];
          const disabled = alone && companionOnly({ ...panel.settings.value, photoreal: value }) !== null;
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

/** What people choose among, and what a recipe brings along. */
function contentLossOptions(current: string): { value: string; label: string }[] {
  const labels: Record<string, string> = { ...TEXTS.contentLosses };
  labels[current] ??= current;
  return Object.entries(labels).map(([value, label]) => ({ value, label }));
}
