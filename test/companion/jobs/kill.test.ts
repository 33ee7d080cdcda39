// SIGKILL at random moments, 15 cycles; the full count runs in kill.slow.test.ts.

import { expect, it } from "vitest";
import { bundleEntries } from "../support/bundle.ts";
import { temporaryFolder } from "../support/job-service.ts";
import { killAtRandom } from "../support/kill-driver.ts";

it("loses no acknowledged job and finishes none twice when server, child or both are killed", async () => {
  const [targetPath = "", childPath = ""] = await bundleEntries("kill-target", "fake-child");
  const seed = Date.now() % 1_000_000;
  const report = await killAtRandom({ cycles: 15, seed, targetPath, childPath, data: temporaryFolder() });
  console.log(`kill -9, seed ${seed}: ${JSON.stringify(report)}`);
  expect(report).toMatchObject({ acknowledged: 45, lost: 0, unfinished: {}, duplicated: 0, badHashes: 0 });
  expect(report.done + report.givenUp).toBe(45);
}, 240_000);
