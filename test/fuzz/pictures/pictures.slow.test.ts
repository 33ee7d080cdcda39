// All malformed pictures.

import { expect, test } from "vitest";
import { decodeMany } from "./decode-many.ts";

test("5,000 malformed pictures end in a fine picture or a typed error", async () => {
  const tally = await decodeMany(5000, 1000);
  console.log("5,000 malformed pictures:", JSON.stringify(tally));
  expect(tally.fine + Object.values(tally.refused).reduce((sum, count) => sum + count, 0)).toBe(5000);
});
