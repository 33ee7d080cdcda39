// When a scale of the panel's engine has had its time, and what is said to be left.

import { describe, expect, test } from "vitest";
import { Pace } from "../../../../../ui/engines/panel/core/schedule.ts";

const SCALES = [
  { width: 100, height: 100, scale: 100, iterations: 11 },
  { width: 200, height: 100, scale: 200, iterations: 10 },
];

/** The first iteration compiles the shaders, 20 s; each further one takes a second. */
function workThrough(pace: Pace, iterations: number): number {
  pace.beginScale(0, 0);
  pace.goOn(0, 0);
  for (let iteration = 1; iteration <= iterations; iteration++) pace.goOn(iteration, 19 + iteration);
  return 19 + iterations;
}

describe("the pace", () => {
  test("tells the time left by the iterations after the first, which also prepares the GPU", () => {
    const pace = new Pace(SCALES, null);
    const seconds = workThrough(pace, 6);
    expect(pace.secondsLeft(6, seconds)).toBeCloseTo(5 + 2 * 10, 6);
  });

  test("plans a budget's iterations by the same measure", () => {
    const pace = new Pace(SCALES, 62);
    const seconds = workThrough(pace, 2);
    // 11 · 1 of 11 · 1 + 10 · 2 parts of 62 s: the scale ends after 22 s.
    expect(pace.iterations(0)).toBe(3);
    expect(pace.goOn(2, seconds)).toBe(true);
    expect(pace.goOn(3, seconds + 1)).toBe(false);
  });
});
