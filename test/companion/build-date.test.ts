// When this copy was built, in words.

import { expect, test } from "vitest";
import { ageOf, buildDate } from "../../companion/build-date.ts";

const DAY_MS = 86_400_000;

test.each([
  [0, "today"],
  [-3, "today"],
  [1, "yesterday"],
  [59, "59 days ago"],
  [61, "2 months ago"],
  [729, "24 months ago"],
  [731, "2 years ago"],
])("%i days later it was built %s", (days, words) => {
  expect(ageOf("2026-11-30", Date.parse("2026-11-30") + days * DAY_MS)).toBe(words);
});

test("the build leaves its date; a copy without one has none", () => {
  expect(buildDate()).toMatch(/^20\d\d-\d\d-\d\d$/);
  expect(buildDate("/nowhere")).toBeNull();
});
