// A number that may be left to the engine: empty means null. Takes effect on Enter or when left.

import { useId, useState } from "preact/hooks";

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
  // Whatever else redraws the panel meanwhile, what is being typed stays.
  const [draft, setDraft] = useState<string | null>(null);
  function commit(field: HTMLInputElement): void {
    const typed = field.value.trim() === "" ? null : field.valueAsNumber;
    const clamped = typed === null || Number.isNaN(typed) ? null : Math.min(max, Math.max(min, typed));
    field.value = clamped === null ? "" : String(clamped);
    setDraft(null);
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
          value={draft ?? value ?? ""}
          placeholder={placeholder}
          min={min}
          max={max}
          step={step}
          disabled={disabled ?? false}
          onInput={(event) => setDraft(event.currentTarget.value)}
          onChange={(event) => commit(event.currentTarget)}
          onBlur={() => setDraft(null)}
        />
        {unit && <span class="unit">{unit}</span>}
      </span>
    </div>
  );
}
