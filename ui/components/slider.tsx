// A labelled slider with its value; every move reports at once.

import { useId } from "preact/hooks";

export interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  unit?: string | undefined;
  disabled?: boolean;
  onInput(value: number): void;
}

export function Slider({ label, value, min, max, step, unit, disabled, onInput }: SliderProps) {
  const id = useId();
  const filled = `${((value - min) / (max - min)) * 100}%`;
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <output for={id}>
        {value}
        {unit ? ` ${unit}` : ""}
      </output>
      <input
        id={id}
        type="range"
        style={{ "--filled": filled }}
        value={value}
        min={min}
        max={max}
        step={step}
        disabled={disabled ?? false}
        onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
