// The model that paints, and what it takes beside the picture.

import type { Control } from "../../companion/protocol/models.ts";
import { Mix } from "../components/mix.tsx";
import { Select } from "../components/select.tsx";
import { Slider } from "../components/slider.tsx";
import { controlLabel } from "../model-words.ts";
import { sharesOf } from "../state/models.ts";
import type { Panel } from "../state/panel.ts";
import { TEXTS } from "../texts.ts";

/** Nothing where there is none, and none is set. */
export function ModelChoice({ panel }: { panel: Panel }) {
  const { models } = panel;
  const { model } = panel.settings.value;
  const names = models.list.value.map(({ name }) => name);
  if (names.length === 0 && model === null) return null;
  const gone = model === null || names.includes(model) ? [] : [{ value: model, label: TEXTS.modelGone(model) }];
  const controls = models.chosen.value?.descriptor.controls ?? [];
  return (
    <>
      <Select
        label={TEXTS.model}
        value={model ?? ""}
        options={[{ value: "", label: TEXTS.noModel }, ...gone, ...names.map((name) => ({ value: name, label: name }))]}
        onChange={(name) => models.choose(name === "" ? null : name)}
      />
      {controls.map((control) => (
        <ModelControl key={control.tensor} panel={panel} control={control} label={controlLabel(control, controls)} />
      ))}
    </>
  );
}

interface ModelControlProps {
  panel: Panel;
  control: Control;
  label: string;
}

function ModelControl({ panel, control, label }: ModelControlProps) {
  const { models } = panel;
  const value = panel.settings.value.modelInput?.[control.tensor];
  if (control.kind === "number") {
    const { min, max } = control;
    return (
      <Slider
        label={label}
        value={typeof value === "number" ? value : control.default}
        min={min}
        max={max}
        step={(max - min) / STEPS}
        onInput={(next) => models.setInput(control, next)}
      />
    );
  }
  const shares = control.kind === "weights" ? sharesOf(control, value) : null;
  const isMix = typeof value === "object";
  return (
    <>
      <Select
        label={label}
        value={isMix ? MIX : String(value ?? 0)}
        options={[
          ...control.labels.map((style, index) => ({ value: String(index), label: style })),
          ...(shares === null ? [] : [{ value: MIX, label: TEXTS.modelMix }]),
        ]}
        onChange={(next) => models.setInput(control, next === MIX ? (shares ?? 0) : Number(next))}
      />
      {isMix && shares !== null && (
        <Mix label={label} names={control.labels} shares={shares} onChange={(next) => models.setInput(control, next)} />
      )}
    </>
  );
}

const MIX = "mix";
const STEPS = 100;
