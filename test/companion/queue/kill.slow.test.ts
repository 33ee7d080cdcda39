// SIGKILL of companion, Redis and workers at random moments, 300 cycles.

import { expect, it } from "vitest";
import { killQueueAtRandom } from "./kill-queue.ts";

it("loses no acknowledged job and finishes none twice in 300 cycles over a queue", async () => {
  const report = await killQueueAtRandom(300);
  expect(report).toMatchObject({ acknowledged: 900, lost: 0, unfinished: {}, duplicated: 0, badHashes: 0 });
  expect(report.done + report.givenUp).toBe(900);
}, 3_600_000);
