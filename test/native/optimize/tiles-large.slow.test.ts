// The largest pictures that people ask for, in tiles: they take the memory that was planned.

import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryRunner, tiledWish } from "../support/memory.ts";

let runner: Awaited<ReturnType<typeof memoryRunner>>;
beforeAll(async () => {
  runner = await memoryRunner();
});
afterAll(() => runner.remove());

test.each([
  [4096, 816, 0.8],
  [4096, 3072, 1.6],
])("%i × %i px, allowed %d GB, take what the plan says, to 15 percent", async (width, height, memory) => {
  const { planned, taken, tiles } = await runner.run(tiledWish(width, height, memory));
  expect(tiles[0]).toBeGreaterThan(0);
  expect(taken / planned).toBeGreaterThan(0.85);
  expect(taken / planned).toBeLessThan(1.15);
});
