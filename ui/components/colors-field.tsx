// A list of colors as text, and swatches to pick from. Takes effect on Enter or when left; what is no color stays to be mended.

import { useId, useState } from "preact/hooks";
import { MAX_PALETTE, parseColor } from "../../companion/protocol/palette.ts";
import type { NamedColor } from "../host.ts";

export interface ColorsFieldProps {
  label: string;
  value: readonly string[] | null;
  placeholder: string;
  /** What the host has to pick from. */
  offered: readonly NamedColor[];
  onChange(value: readonly string[] | null): void;
}

export function ColorsField({ label, value, placeholder, offered, onChange }: ColorsFieldProps) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const current = value ?? [];
  const parsed = draft === null ? current : readColors(draft);
  const shown = swatches(offered, current);
  function commit(): void {
    if (draft === null || parsed === null) return;
    setDraft(null);
    onChange(parsed.length === 0 ? null : parsed);
  }
  function toggle(color: string): void {
    const rest = current.filter((other) => other !== color);
    const next = rest.length < current.length ? rest : [...current, color].slice(-MAX_PALETTE);
    onChange(next.length === 0 ? null : next);
  }
  return (
    <>
      <div class="row">
        <label class="row-label" for={id}>
          {label}
        </label>
        <span class="field">
          <input
            id={id}
            type="text"
            spellcheck={false}
            autocomplete="off"
            value={draft ?? current.join(" ")}
            placeholder={placeholder}
            aria-invalid={parsed === null}
            onInput={(event) => setDraft(event.currentTarget.value)}
            onChange={commit}
            onBlur={commit}
          />
        </span>
      </div>
      {shown.length === 0 ? null : (
        <div class="color-swatches">
          {shown.map(({ name, color }) => (
            <button
              key={`${name} ${color}`}
              type="button"
              class="color-swatch"
              style={{ background: color }}
              aria-label={name}
              title={name}
              aria-pressed={current.includes(color)}
              onClick={() => toggle(color)}
            />
          ))}
        </div>
      )}
    </>
  );
}

/** What is chosen, then what else there is. */
function swatches(offered: readonly NamedColor[], current: readonly string[]): readonly NamedColor[] {
  const named = (color: string) => offered.find((other) => other.color === color) ?? { name: color, color };
  return [...current.map(named), ...offered.filter(({ color }) => !current.includes(color))];
}

/** "0b1d3a, #FC3" → ["#0b1d3a", "#ffcc33"]; null where something is no color. */
function readColors(text: string): string[] | null {
  const words = text.split(/[\s,;]+/).filter((word) => word !== "");
  const colors = words.map((word) => {
    const digits = word.replace(/^#/, "").toLowerCase();
    return `#${digits.length === 3 ? digits.replace(/./g, "$&$&") : digits}`;
  });
  return colors.length <= MAX_PALETTE && colors.every((color) => parseColor(color) !== null)
    ? [...new Set(colors)]
    : null;
}
