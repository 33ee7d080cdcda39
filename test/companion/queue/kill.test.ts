// SIGKILL of companion, Redis and workers at random moments, 15 cycles; the full count runs in kill.slow.test.ts.

import { expect, it } from "vitest";
import { killQueueAtRandom } from "./kill-queue.ts";

it("loses no acknowledged job and finishes none twice when companion, Redis, workers or all are killed", async () => {
  const report = await killQueueAtRandom(15);
  expect(report).toMatchObject({ acknowledged: 45, lost: 0, unfinished: {}, duplicated: 0, badHashes: 0 });
  expect(report.done + report.givenUp).toBe(45);
}, 240_000);
