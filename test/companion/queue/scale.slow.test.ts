// A hundred workers, ten thousand frames.

import { expect, it } from "vitest";
import { simulate } from "./scale-run.ts";

it("a hundred workers are kept at work by a companion that hardly notices, and nothing grows", async () => {
  const report = await simulate({ workers: 100, frames: 10_000, frameMs: 4_000, processes: 2 });
  console.log(JSON.stringify(report));
  expect(report.companionCpuMsPerFrame).toBeLessThan(5);
  expect(report.throughput).toBeGreaterThanOrEqual(0.95);
  const [first, early, ...later] = report.samples;
  expect(first).toBeDefined();
  expect(Math.max(...later.map(({ residentMb }) => residentMb))).toBeLessThan((early?.residentMb ?? 0) + 32);
  expect(Math.max(...later.map(({ redisMb }) => redisMb))).toBeLessThan(2 * (early?.redisMb ?? 0));
});
