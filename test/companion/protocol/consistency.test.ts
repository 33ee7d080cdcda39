import { expect, test } from "vitest";
import { consistencyOf, consistencyWords } from "../../../companion/protocol/consistency.ts";

test("the spread is the standard deviation over the mean, and the oddest the one farthest from the mean", () => {
  const found = consistencyOf([0.2, undefined, 0.2, 0.5, null, 0.3]);
  // Mean 0.3; squares of the differences 0.01 + 0.01 + 0.04 + 0 over four.
  expect(found).toMatchObject({ results: 4, oddest: 3 });
  expect(found?.mean).toBeCloseTo(0.3, 12);
  expect(found?.spread).toBeCloseTo(Math.sqrt(0.015) / 0.3, 12);
});

test("fewer than three results are even with nothing", () => {
  expect(consistencyOf([0.2, 0.3, undefined])).toBeNull();
});

test("the words get worse as the spread grows", () => {
  const words = (spread: number) => consistencyWords({ results: 12, mean: 0.3, spread, oddest: 0 });
  expect([0.01, 0.11, 0.3, 0.6].map(words)).toEqual([
    "Style very even over 12 results (spread 1 %)",
    "Style even over 12 results (spread 11 %)",
    "Style uneven over 12 results (spread 30 %)",
    "Style very uneven over 12 results (spread 60 %)",
  ]);
});
