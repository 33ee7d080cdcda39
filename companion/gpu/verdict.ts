// Whether `auto` means the GPU: what a probe's measurement says, in a form that can be kept.

import { type Static, Type } from "typebox";

/** The engine's GpuProbe, as it arrives from another process. */
export const GpuProbeSchema = Type.Object({
  usable: Type.Boolean(),
  faster: Type.Boolean(),
  seconds: Type.Number({ minimum: 0 }),
  cpuSeconds: Type.Number({ minimum: 0 }),
  reason: Type.String(),
});
export type GpuProbe = Static<typeof GpuProbeSchema>;

export const GpuVerdictSchema = Type.Object({
  /** `auto` takes the GPU. */
  chosen: Type.Boolean(),
  /** It may be asked for by name. */
  usable: Type.Boolean(),
  /** What was measured, or why not. */
  detail: Type.String(),
  /** Milliseconds since 1970. */
  measuredAt: Type.Number({ minimum: 0 }),
});
export type GpuVerdict = Static<typeof GpuVerdictSchema>;

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
