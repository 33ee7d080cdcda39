// A network that breaks in every way once; minutes of it run in partition.slow.test.ts.

import { expect, it } from "vitest";
import { runThroughPartitions } from "./partition-run.ts";

it.skipIf(process.platform !== "linux")(
  "loses no job and finishes none twice while the network is cut, late or silent and the queue repeats itself",
  async () => {
    const { faults, ...report } = await runThroughPartitions(8_000);
    const jobs = report.acknowledged;
    expect(Object.values(faults).reduce((sum, count) => sum + count, 0) * 3).toBe(jobs);
    expect(report).toMatchObject({ lost: 0, unfinished: {}, duplicated: 0, badHashes: 0 });
    expect(report.done + report.givenUp).toBe(jobs);
    expect(report.repeated).toBeGreaterThan(0);
  },
);
if (process.platform !== "linux") console.log("skipped: the second loopback address that it needs is Linux's");
