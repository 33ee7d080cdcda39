// All malformed network files.

import { expect, test } from "vitest";
import { loadMany } from "./load-many.ts";

test("5,000 malformed network files are sound or refused with a typed error", () => {
  const tally = loadMany(5000, 1000);
  console.log("5,000 malformed networks:", JSON.stringify(tally));
  expect(tally.sound + tally.refused).toBe(5000);
});
