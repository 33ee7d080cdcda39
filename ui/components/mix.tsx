// How much each of several styles counts: a slider for each, in a list that scrolls where they are many.

import { Slider } from "./slider.tsx";

export interface MixProps {
  label: string;
  names: readonly string[];
  /** 0 … 1 each; not all are 0. */
  shares: readonly number[];
  onChange(shares: readonly number[]): void;
}

const PERCENT = 100;

export function Mix({ label, names, shares, onChange }: MixProps) {
  return (
    <fieldset class="mix">
      <legend class="offscreen">{label}</legend>
      {names.map((name, index) => (
        <Slider
          key={index}
          label={name}
          value={Math.round(PERCENT * (shares[index] ?? 0))}
          min={0}
          max={PERCENT}
          step={1}
          unit="%"
          onInput={(value) => onChange(withShare(shares, index, value / PERCENT))}
        />
      ))}
    </fieldset>
  );
}

/** Not all may be nothing: the last one that is moved away keeps its share. */
function withShare(shares: readonly number[], index: number, share: number): readonly number[] {
  const next = shares.map((own, i) => (i === index ? share : own));
  return next.some((own) => own > 0) ? next : shares;
}
