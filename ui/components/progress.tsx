// A bar with a number beside it, never one without.

import { percent } from "../texts.ts";

export interface ProgressProps {
  /** 0 … 1. */
  value: number;
  /** For screen readers. */
  label: string;
  paused?: boolean;
}

export function ProgressBar({ value, label, paused }: ProgressProps) {
  const filled = Math.min(1, Math.max(0, value));
  return (
    <div
      class={paused ? "progress paused" : "progress"}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(filled * 100)}
      aria-valuetext={percent(filled)}
    >
      <div style={{ transform: `scaleX(${filled})` }} />
    </div>
  );
}
