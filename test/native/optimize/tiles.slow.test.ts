// Runs in tiles: the memory that they take is the one that was planned, and where less is there tiles become smaller.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type MemoryUse, memoryRunner, tiledWish } from "../support/memory.ts";

let runner: Awaited<ReturnType<typeof memoryRunner>>;
beforeAll(async () => {
  runner = await memoryRunner();
});
afterAll(() => runner.remove());

function expectAsPlanned({ planned, taken }: MemoryUse): void {
  expect(taken / planned).toBeGreaterThan(0.85);
  expect(taken / planned).toBeLessThan(1.15);
}

test.each([
  [1024, 768, 4, "slim", false],
  [1024, 768, 0.3, "slim", true],
  [1024, 768, 2, "half", false],
  [1024, 768, 0.7, "half", true],
  [2048, 1536, 0.6, "slim", true],
] as const)("%i × %i px, allowed %d GB, take what the plan says, to 15 percent: %s", async (...args) => {
  const [width, height, memory, network, inTiles] = args;
  const use = await runner.run(tiledWish(width, height, memory, network));
  expect((use.tiles[0] as number) > 0).toBe(inTiles);
  expectAsPlanned(use);
});

test("sessions of smaller scales are dropped where memory is too short for them, but not for the picture", async () => {
  const wish = tiledWish(768, 576, 4);
  const ofScales = { ...wish, settings: { ...wish.settings, minScale: 300, firstIterations: 2, iterations: 2 } };
  const kept = await runner.run(ofScales);
  const memory = (kept.planned - 1) / 1024 ** 3;
  const dropped = await runner.run({ ...ofScales, settings: { ...ofScales.settings, memory } });
  expect(new Set([...kept.tiles, ...dropped.tiles])).toEqual(new Set([0]));
  expect(dropped.planned).toBeLessThan(kept.planned);
  for (const use of [kept, dropped]) expectAsPlanned(use);
});

test("where memory turns out to be short tiles become smaller, and the picture is finished", async (context) => {
  if (process.platform !== "linux") context.skip("only Linux limits the memory of a process while it runs");
  const { tiles, within, width } = await runner.run({ ...tiledWish(1280, 960, 4), limit: 300e6 });
  expect({ tiles, width }).toEqual({ tiles: [0], width: 1280 });
  expect(within).toBeGreaterThan(3);
});
