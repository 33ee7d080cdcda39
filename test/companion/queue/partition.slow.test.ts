// Ten minutes of a network that breaks in every way.

import { expect, it } from "vitest";
import { runThroughPartitions } from "./partition-run.ts";

it.skipIf(process.platform !== "linux")(
  "loses no job and finishes none twice in ten minutes of broken networks",
  async () => {
    const { faults, ...report } = await runThroughPartitions(600_000);
    expect(Math.min(...Object.values(faults))).toBeGreaterThan(20);
    expect(report).toMatchObject({ lost: 0, unfinished: {}, duplicated: 0, badHashes: 0 });
    expect(report.done + report.givenUp).toBe(report.acknowledged);
  },
);
if (process.platform !== "linux") console.log("skipped: the second loopback address that it needs is Linux's");
