// A drop-down: the system's own list behind Figma's looks.

import { useId } from "preact/hooks";
import { Icon } from "./icon.tsx";

export interface SelectProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string; disabled?: boolean }[];
  disabled?: boolean;
  onChange(value: string): void;
}

export function Select({ label, ...field }: SelectProps) {
  const id = useId();
  return (
    <div class="row">
      <label class="row-label" for={id}>
        {label}
      </label>
      <SelectField id={id} {...field} />
    </div>
  );
}

/** The list alone, named by a label elsewhere (`id`) or by `label`. */
export function SelectField({
  id,
  label,
  value,
  options,
  disabled,
  onChange,
}: Omit<SelectProps, "label"> & { id?: string; label?: string }) {
  return (
    <span class="field select">
      <select
        id={id}
        aria-label={label}
        value={value}
        disabled={disabled ?? false}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled ?? false}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="chevron" />
    </span>
  );
}
