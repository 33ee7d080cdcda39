// A number that may be left to the engine: empty means null. Takes effect on Enter or when left.

import { useId } from "preact/hooks";

export interface NumberFieldProps {
  label: string;
  value: number | null;
  placeholder: string;
  min: number;
  max: number;
  step: number;
  unit?: string | undefined;
  disabled?: boolean;
  onChange(value: number | null): void;
}

export function NumberField({ label, value, placeholder, min, max, step, unit, disabled, onChange }: NumberFieldProps) {
  const id = useId();
  function commit(field: HTMLInputElement): void {
    const typed = field.value.trim() === "" ? null : field.valueAsNumber;
    const clamped = typed === null || Number.isNaN(typed) ? null : Math.min(max, Math.max(min, typed));
    field.value = clamped === null ? "" : String(clamped);
    onChange(clamped);
  }
  return (
    <div class="number-field">
      <label for={id}>{label}</label>
      <span class="field">
        <input
          id={id}
          type="number"
          inputMode="decimal"
          value={value ?? ""}
          placeholder={placeholder}
          min={min}
          max={max}
          step={step}
          disabled={disabled ?? false}
          onChange={(event) => commit(event.currentTarget)}
        />
        {unit && <span class="unit">{unit}</span>}
      </span>
    </div>
  );
}
