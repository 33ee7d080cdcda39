// Random lives of jobs against a model of their state machine, 200 of them; 2,000 in the slow suite.

import { expect, it } from "vitest";
import { checkJobModel } from "../support/job-model.ts";

it("keeps every job where the state machine says, whatever users, engines and crashes do", async () => {
  const seed = Date.now() % 1_000_000;
  const report = await checkJobModel(200, seed);
  console.log(`model of the state machine, seed ${seed}: ${JSON.stringify(report)}`);
  expect(report.commands).toBeGreaterThan(500);
}, 120_000);
