// Whether `auto` means the GPU: what a probe's measurement says, in a form that can be kept.

import type { GpuProbe } from "../engine.ts";

export interface GpuVerdict {
  /** `auto` takes the GPU. */
  chosen: boolean;
  /** It may be asked for by name. */
  usable: boolean;
  /** What was measured, or why not. */
  detail: string;
  /** Milliseconds since 1970. */
  measuredAt: number;
}

/** What a probe came to: numbers, or the reason why there are none. */
export type ProbeOutcome = { probe: GpuProbe } | { failure: string };

export function judge(outcome: ProbeOutcome, measuredAt: number): GpuVerdict {
  if ("failure" in outcome) return { chosen: false, usable: false, detail: outcome.failure, measuredAt };
  const { usable, faster, seconds, cpuSeconds, reason } = outcome.probe;
  const chosen = usable && faster;
  const detail = chosen
    ? `${milliseconds(seconds)} for a small loss and gradient, ${milliseconds(cpuSeconds)} on the CPU`
    : reason;
  return { chosen, usable, detail, measuredAt };
}

function milliseconds(seconds: number): string {
  return `${(1000 * seconds).toFixed(seconds < 0.1 ? 1 : 0)} ms`;
}

// By hand, since every run passes here and a schema library takes longer to load than all the rest.

/** Null for what is no probe's result. */
export function parseProbe(value: unknown): GpuProbe | null {
  const { usable, faster, seconds, cpuSeconds, reason } = fieldsOf(value);
  if (typeof usable !== "boolean" || typeof faster !== "boolean" || typeof reason !== "string") return null;
  return isAmount(seconds) && isAmount(cpuSeconds) ? { usable, faster, seconds, cpuSeconds, reason } : null;
}

/** Null for what is no verdict. */
export function parseVerdict(value: unknown): GpuVerdict | null {
  const { chosen, usable, detail, measuredAt } = fieldsOf(value);
  if (typeof chosen !== "boolean" || typeof usable !== "boolean" || typeof detail !== "string") return null;
  return isAmount(measuredAt) ? { chosen, usable, detail, measuredAt } : null;
}

export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}
