// What a plan says of memory is what runs take: each in a process of its own, with the networks that come along, in one
// and in several windows at once, with few steps to remember and with all.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineSettings } from "../../../native/binding/types.ts";
import { type MemoryWish, memoryRunner } from "../support/memory.ts";

let runner: Awaited<ReturnType<typeof memoryRunner>>;
beforeAll(async () => {
  runner = await memoryRunner();
});
afterAll(() => runner.remove());

const wish = (
  size: number,
  ratio: number,
  settings: Partial<EngineSettings>,
  network: MemoryWish["network"] = "slim",
) => ({ network, content: { width: size, height: size * ratio }, settings: { size, firstIterations: 2, ...settings } });

test.skipIf(process.platform !== "linux").each<[string, MemoryWish]>([
  ["quick", wish(512, 0.75, { quality: "quick" })],
  ["quick by four workers, each with its window", wish(1024, 0.75, { quality: "quick", threads: 4 })],
  ["quick by one", wish(1024, 0.75, { quality: "quick", threads: 1 })],
  [
    "quick by one, of so many pixels that the deep windows take most",
    wish(2048, 0.75, { quality: "quick", threads: 1 }),
  ],
  ["quick of a square", wish(1024, 1, { quality: "quick" })],
  ["standard with few steps to remember", wish(1024, 1, { quality: "standard", iterations: 3 })],
  ["standard with all of them", wish(768, 0.75, { quality: "standard", iterations: 12 })],
  ["standard at half width", wish(640, 0.75, { quality: "standard", iterations: 4 }, "half")],
  ["fine, with the sessions of smaller scales kept", wish(512, 0.75, { quality: "fine", iterations: 2 })],
  ["fine at half width, with few kept", wish(512, 0.75, { quality: "fine", iterations: 2, minScale: 300 }, "half")],
  ["fine, with Adam", wish(640, 0.75, { quality: "fine", iterations: 2, minScale: 400, optimizer: "adam" })],
])("%s: within 15 percent of the plan", async (_, wished) => {
  const { planned, taken } = await runner.run(wished);
  expect(taken / planned).toBeGreaterThan(0.85);
  expect(taken / planned).toBeLessThan(1.15);
});
