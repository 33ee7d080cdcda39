// When a run that says nothing is slow, and when it stands still.

import { describe, expect, test } from "vitest";
import { StallWatch, stoodStill } from "../../../companion/supervisor/stall-watch.ts";

const MOST = 10_000;

/** Beats until the watch gives the run up, without any progress. */
function patience(watch: StallWatch): number {
  for (let beats = 1; beats < MOST; beats++) {
    const reason = watch.beat();
    if (reason === null) continue;
    expect(stoodStill(reason)).toBe(true);
    return beats;
  }
  return MOST;
}

function silence(watch: StallWatch, beats: number): void {
  for (let i = 0; i < beats; i++) expect(watch.beat()).toBeNull();
  watch.progressed();
}

describe("a run that stands still", () => {
  test("is given up after a time that its longest planned step sets", () => {
    expect(patience(new StallWatch(0.01, 120))).toBeLessThan(130);
    // Forty seconds for an evaluation: a large picture on a slow processor.
    expect(patience(new StallWatch(40, 120))).toBeGreaterThan(500);
  });

  test("is waited for longer where steps took longer than planned", () => {
    const slow = new StallWatch(0.01, 120);
    silence(slow, 60);
    silence(slow, 300);
    expect(patience(slow)).toBeGreaterThan(3000);
  });

  test("is given up no later for a silence that has ended, nor for a beat between two quick steps", () => {
    const quick = new StallWatch(0.01, 120);
    for (let i = 0; i < 1000; i++) silence(quick, i % 2);
    expect(patience(quick)).toBeLessThan(130);
  });
});
