// Settings that most pictures do without, folded away.

import { useEffect, useState } from "preact/hooks";
import { PRESETS, presetNamed, presetOf, withPreset } from "../../companion/protocol/presets.ts";
import { QUALITIES, SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import { companionOnly } from "../../companion/protocol/settings-checks.ts";
import { Checkbox } from "../components/checkbox.tsx";
import { ColorsField } from "../components/colors-field.tsx";
import { Select } from "../components/select.tsx";
import type { NamedColor } from "../host.ts";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";
import { ModelChoice } from "./model-choice.tsx";
import { SettingNumber } from "./setting-number.tsx";

const KEEP_CHOICES = ["keep", "keep-linear", "keep-histogram"] as const;

export function MoreSettings({ panel }: { panel: Panel }) {
  const { carry, colors, contentLoss, detail, model, palette, photoreal, seamless, seed, styleLoss } =
    panel.settings.value;
  return (
    <details
      class="more"
      open={
        Boolean(presetOf(panel.settings.value)) ||
        model !== null ||
        photoreal !== SETTINGS.photoreal.default ||
        seamless !== SETTINGS.seamless.default ||
        carry !== SETTINGS.carry.default ||
        contentLoss !== SETTINGS.contentLoss.default ||
        styleLoss !== SETTINGS.styleLoss.default ||
        palette !== null ||
        detail !== SETTINGS.detail.default ||
        seed !== SETTINGS.seed.default ||
        colors.startsWith("keep-")
      }
    >
      <summary>{TEXTS.moreSettings}</summary>
      <ModelChoice panel={panel} />
      {model === null ? <PaintingRows panel={panel} /> : <PaletteChoice panel={panel} />}
      {panel.host.capabilities.canvasPreview === "asked" && (
        <Checkbox
          label={TEXTS.onCanvas}
          hint={TEXTS.onCanvasHint}
          checked={panel.preferences.value.value.onCanvas}
          onChange={(onCanvas) => panel.preferences.set({ onCanvas })}
        />
      )}
    </details>
  );
}

/** What a model has no use for. */
function PaintingRows({ panel }: { panel: Panel }) {
  const { carry, colors, contentLoss, photoreal, quality, seamless, styleLoss } = panel.settings.value;
  const quick = QUALITIES[quality].method === "quick";
  const alone = panel.capabilities.value?.kind === "panel";
  return (
    <>
      <PresetChoice panel={panel} />
      {colors === "style" ? null : (
        <Select
          label={TEXTS.keepColorsBy}
          value={colors}
          options={KEEP_CHOICES.map((value) => ({ value, label: TEXTS.keepChoices[value] }))}
          onChange={(value) => panel.setSetting("colors", value as Settings["colors"])}
        />
      )}
      <PaletteChoice panel={panel} />
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
        options={lossOptions(TEXTS.contentLosses, contentLoss)}
        onChange={(value) => panel.setSetting("contentLoss", value)}
      />
      <div class="row two">
        <SettingNumber panel={panel} name="detail" label={TEXTS.detail} disabled={quick} />
        <SettingNumber panel={panel} name="seed" label={TEXTS.variation} />
      </div>
      <Select
        label={TEXTS.styleLoss}
        value={styleLoss}
        options={lossOptions(TEXTS.styleLosses, styleLoss).map(({ value, label }) => {
          const disabled =
            alone && companionOnly({ ...panel.settings.value, photoreal: "off", styleLoss: value }) !== null;
          return { value, label: disabled ? TEXTS.withCompanion(label) : label, disabled };
        })}
        onChange={(value) => panel.setSetting("styleLoss", value)}
      />
      <Select
        label={TEXTS.carry}
        value={carry}
        options={SETTINGS.carry.choices.map((value) => ({ value, label: TEXTS.carries[value] }))}
        onChange={(value) => panel.setSetting("carry", value as Settings["carry"])}
      />
      <Select
        label={TEXTS.photoreal}
        value={photoreal}
        options={SETTINGS.photoreal.choices.map((value) => {
          const label = TEXTS.photorealChoices[value];
          const disabled =
            alone &&
            companionOnly({ ...panel.settings.value, styleLoss: SETTINGS.styleLoss.default, photoreal: value }) !==
              null;
          return { value, label: disabled ? TEXTS.withCompanion(label) : label, disabled };
        })}
        onChange={(value) => panel.setSetting("photoreal", value as Settings["photoreal"])}
      />
      {photoreal === "off" ? null : (
        <SettingNumber panel={panel} name="photorealStrength" label={TEXTS.photorealStrength} />
      )}
    </>
  );
}

/** Where everything begins: the rows below and above go on top. */
function PresetChoice({ panel }: { panel: Panel }) {
  const settings = panel.settings.value;
  const alone = panel.capabilities.value?.kind === "panel";
  const current = presetOf(settings);
  const own = current === undefined ? [{ value: CHANGED, label: TEXTS.presetChanged }] : [];
  return (
    <>
      <Select
        label={TEXTS.preset}
        value={current === undefined ? CHANGED : (current?.name ?? DEFAULTS)}
        options={[
          { value: DEFAULTS, label: TEXTS.presetDefaults },
          ...own,
          ...PRESETS.map((preset) => {
            const disabled = alone && companionOnly(withPreset(settings, preset)) !== null;
            return {
              value: preset.name,
              label: disabled ? TEXTS.withCompanion(preset.title) : preset.title,
              disabled,
            };
          }),
        ]}
        onChange={(value) => {
          if (value !== CHANGED) panel.choosePreset(value === DEFAULTS ? null : presetNamed(value));
        }}
      />
      {current ? <p class="hint">{current.about}</p> : null}
    </>
  );
}

/** The host's own colors are looked up when the block is there, and again when the panel is opened again. */
function PaletteChoice({ panel }: { panel: Panel }) {
  const [offered, setOffered] = useState<readonly NamedColor[]>([]);
  useEffect(() => {
    let wanted = true;
    void panel.host.colors().then(
      (colors) => wanted && setOffered(colors),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [panel]);
  return (
    <ColorsField
      label={TEXTS.palette}
      value={panel.settings.value.palette}
      placeholder={TEXTS.palettePlaceholder}
      offered={offered}
      onChange={(value) => panel.setSetting("palette", value)}
    />
  );
}

/** No preset's name has a capital. */
const DEFAULTS = "DEFAULTS";
const CHANGED = "CHANGED";

/** What people choose among, and what a preset or a recipe brings along; its name says little to a designer. */
function lossOptions(texts: Record<string, string>, current: string): { value: string; label: string }[] {
  const labels: Record<string, string> = { ...texts };
  labels[current] ??= TEXTS.lossOfPreset;
  return Object.entries(labels).map(([value, label]) => ({ value, label }));
}
