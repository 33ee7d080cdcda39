import { expect, test } from "vitest";
import { consistencyOf, evennessWords, isUneven, spreadWords } from "../../../companion/protocol/consistency.ts";

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
  const found = [0.01, 0.07, 0.11, 0.6].map((spread) => ({ results: 12, mean: 0.3, spread, oddest: 0 }));
  expect(found.map((one) => `${evennessWords(one)}, ${spreadWords(one)}${isUneven(one) ? "!" : ""}`)).toEqual([
    "12 results look alike in style, spread 1 %",
    "12 results are close in style, spread 7 %",
    "12 results differ in style, spread 11 %!",
    "12 results differ much in style, spread 60 %!",
  ]);
});
