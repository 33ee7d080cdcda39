// A hundred workers, ten thousand frames.

import { expect, it } from "vitest";
import { simulate } from "./scale-run.ts";

it("a hundred workers are kept at work by a companion that hardly notices, and nothing grows", async () => {
  const report = await simulate({ workers: 100, frames: 10_000, frameMs: 4_000, processes: 2 });
  console.log(JSON.stringify(report));
  expect(report.companionCpuMsPerFrame).toBeLessThan(5);
  expect(report.throughput).toBeGreaterThanOrEqual(0.95);
  const [early = 0] = report.residentMb.slice(1);
  expect(report.residentMb.at(-1)).toBeLessThan(early + 32);
  expect(Math.max(...report.redisMb.slice(1))).toBeLessThan(2 * (report.redisMb[1] ?? 0));
});
