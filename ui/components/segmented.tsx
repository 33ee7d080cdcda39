// One of a few choices, side by side: native radio buttons, so that arrow keys and screen readers just work.

import { useId } from "preact/hooks";

export interface SegmentedProps<V extends string> {
  label: string;
  value: V;
  choices: readonly { value: V; label: string }[];
  disabled?: boolean;
  onChange(value: V): void;
}

export function Segmented<V extends string>({ label, value, choices, disabled, onChange }: SegmentedProps<V>) {
  const name = useId();
  return (
    <fieldset class="row segmented-row" disabled={disabled ?? false}>
      <legend class="row-label">{label}</legend>
      <div class="segmented">
        {choices.map((choice) => (
          <label key={choice.value}>
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
            />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
