// Coarse to fine: the scales of a run and how many iterations each gets (after crowsonkb's style-transfer-pytorch).

import { QUALITIES, type Settings } from "../../../companion/protocol/settings.ts";
import { fitLongSide } from "./image.ts";

export interface Scale {
  /** Long side, px. */
  scale: number;
  width: number;
  height: number;
  iterations: number;
  /** Seconds that a time budget leaves for this scale; Infinity without one. */
  seconds: number;
}

/** Long side of the result: `size`, or the quality's but never above the content's own. */
export function resultLongSide(content: { width: number; height: number }, settings: Settings): number {
  return settings.size ?? Math.min(QUALITIES[settings.quality].size, Math.max(content.width, content.height));
}

/** Long sides round(end / √2^i), from the coarsest not below minScale up to end. */
export function longSides(end: number, minScale: number): number[] {
  const sides = [end];
  for (let i = 1; ; i++) {
    const side = Math.round(end / Math.SQRT2 ** i);
    if (side < minScale) return sides;
    sides.unshift(side);
  }
}

/** With a time budget, time ends a scale; this many iterations would be more than enough. */
const UNBOUNDED_ITERATIONS = 100_000;

export function planScales(content: { width: number; height: number }, settings: Settings, longSide: number): Scale[] {
  const preset = QUALITIES[settings.quality];
  const first = settings.firstIterations ?? preset.firstIterations;
  const next = settings.iterations ?? preset.iterations;
  const scales = longSides(longSide, settings.minScale).map((scale, i) => {
    const iterations = i === 0 ? first : next;
    return { scale, ...fitLongSide(content, scale), iterations, seconds: Number.POSITIVE_INFINITY };
  });
  if (settings.budget === null) return scales;
  const work = scales.map(({ width, height, iterations }) => width * height * iterations);
  const total = work.reduce((sum, x) => sum + x, 0);
  return scales.map((scale, i) => ({
    ...scale,
    iterations: UNBOUNDED_ITERATIONS,
    seconds: ((settings.budget as number) * (work[i] as number)) / total,
  }));
}
