// The Nth file operation fails, for each N of one job: one kind of failure for each N here, every kind in the slow suite.

import { expect, it } from "vitest";
import { bundleEntries } from "../support/bundle.ts";
import { failEachCall, oneFailure } from "../support/fs-failures.ts";

it("loses nothing and says what happened, whichever file operation of a job fails", async () => {
  const [childPath = ""] = await bundleEntries("fake-child");
  const report = await failEachCall(childPath, oneFailure);
  console.log(`failing file operations: ${JSON.stringify(report)}`);
  expect(report).toMatchObject({ lost: 0, wrong: 0 });
  expect(report.companionCalls).toBeGreaterThan(15);
  expect(report.childCalls).toBeGreaterThan(8);
}, 120_000);
