// When a scale has had its time, and what is said to be left: by the panel's engine, and the same by the native one.

import { describe, expect, test } from "vitest";
import { loadAddon } from "../../../../../native/binding/load.ts";
import { FIXED_PIXELS, Pace, type Scale } from "../../../../../ui/engines/panel/core/schedule.ts";

/** The sizes and counts of a result of standard quality. */
const SCALES: Scale[] = [128, 181, 256, 362, 512].map((scale, i) => ({
  scale,
  width: scale,
  height: Math.round(0.75 * scale),
  iterations: i === 0 ? 120 : 60,
}));

/** The times of each scale: its begin, its first iteration's begin, each iteration's end. */
type Times = number[][];

/**
 * An iteration takes a second for each million of its pixels and of `fixed` more. The first one of all takes ten times
 * as long, every seventh twice as long.
 */
function simulate(fixed: number): Times {
  let now = 0;
  return SCALES.map(({ width, height, iterations }, index) => {
    const usual = (width * height + fixed) / 1e6;
    const times = [now, now];
    for (let i = 0; i < iterations; i++) {
      now += usual * (index === 0 && i === 0 ? 10 : i % 7 === 3 ? 2 : 1);
      times.push(now);
    }
    return times;
  });
}

/** What the panel's pace says after each iteration. */
function secondsLeft(times: Times): number[] {
  const pace = new Pace(SCALES, null);
  return times.flatMap(([begin, first, ...ends], index) => {
    pace.beginScale(index, begin as number);
    pace.goOn(0, first as number);
    return ends.map((end, i) => {
      pace.goOn(i + 1, end);
      return pace.secondsLeft(i + 1, end);
    });
  });
}

/** What it said after each iteration, in shares of what was left; up to the last twentieth, where single iterations count. */
function shares(times: Times): number[] {
  const ends = times.flatMap(([, , ...rest]) => rest);
  const said = secondsLeft(times);
  const end = ends.at(-1) as number;
  return ends.filter((now) => now < 0.95 * end).map((now, i) => (said[i] as number) / (end - now));
}

describe("the time left", () => {
  test("is near from the third iteration on where an iteration costs what is expected", () => {
    for (const share of shares(simulate(FIXED_PIXELS)).slice(2)) {
      expect(share).toBeGreaterThan(0.75);
      expect(share).toBeLessThan(1.25);
    }
  });

  test.each([0, 2000, 30_000, 100_000])(
    "is within a factor of two after the coarsest scale, at a cost of %i px beside the pixels",
    (fixed) => {
      for (const share of shares(simulate(fixed)).slice(120 + 5)) {
        expect(share).toBeGreaterThan(0.5);
        expect(share).toBeLessThan(2);
      }
    },
  );

  test("counts what makes each scale ready", () => {
    const pace = new Pace(SCALES, null);
    const [first, second] = SCALES as [Scale, Scale];
    pace.beginScale(0, 0);
    for (let i = 0; i <= first.iterations; i++) pace.goOn(i, i);
    pace.beginScale(1, first.iterations);
    const ready = first.iterations + 10;
    for (let i = 0; i <= second.iterations; i++) pace.goOn(i, ready + i);
    const later = SCALES.slice(2).reduce((sum, { width, height }) => sum + width * height, 0);
    const said = pace.secondsLeft(second.iterations, ready + second.iterations);
    expect(said).toBeGreaterThan((10 * later) / (second.width * second.height));
  });

  test("is the same in the native engine", () => {
    for (const fixed of [0, FIXED_PIXELS, 100_000]) {
      const times = simulate(fixed);
      const own = secondsLeft(times);
      const native = loadAddon().secondsLeft(SCALES, times);
      expect(native).toHaveLength(own.length);
      for (const [i, seconds] of native.entries()) expect(seconds).toBeCloseTo(own[i] as number, 9);
    }
  });
});

test("a budget's iterations are planned by those after the first, which also prepares the GPU", () => {
  const scales = [
    { width: 100, height: 100, scale: 100, iterations: 11 },
    { width: 200, height: 100, scale: 200, iterations: 10 },
  ];
  const pace = new Pace(scales, 62);
  pace.beginScale(0, 0);
  // The first iteration compiles the shaders, 20 s; each further one takes a second.
  pace.goOn(0, 0);
  pace.goOn(1, 20);
  // 11 · 1 of 11 · 1 + 10 · 2 parts of 62 s: the scale ends after 22 s.
  expect(pace.goOn(2, 21)).toBe(true);
  expect(pace.iterations(0)).toBe(3);
  expect(pace.goOn(3, 22)).toBe(false);
});
