// The loss over the iterations, thinned so that a run of any length keeps at most MAX_POINTS points.

import type { Progress } from "../../companion/protocol/progress.ts";

const MAX_POINTS = 240;

export interface Curve {
  /** Total loss at iteration x, in the order of the run. */
  points: readonly { x: number; y: number }[];
  /** Iterations in all; the axis. */
  length: number;
  /** First iteration of each further scale. */
  scales: readonly number[];
}

export const EMPTY_CURVE: Curve = { points: [], length: 0, scales: [] };

export function addToCurve(curve: Curve, progress: Progress): Curve {
  const { losses, totalIteration: x, totalIterations: length, scaleIndex, iteration } = progress;
  const last = curve.points.at(-1);
  if (!Number.isFinite(losses.total) || (last !== undefined && x <= last.x)) return { ...curve, length };
  const points = [...curve.points, { x, y: losses.total }];
  const begins = scaleIndex > curve.scales.length;
  return {
    points:
      points.length > MAX_POINTS ? points.filter((_, index) => index % 2 === 0 || index === points.length - 1) : points,
    length,
    scales: begins ? [...curve.scales, x - iteration] : curve.scales,
  };
}
