// Every kind of failure at every file operation of a job; 500 power cuts; 2,000 random lives of jobs.

import { expect, it } from "vitest";
import { bundleEntries } from "../support/bundle.ts";
import { everyFailure, failEachCall } from "../support/fs-failures.ts";
import { checkJobModel } from "../support/job-model.ts";
import { recordLife, replayCuts } from "../support/power-cut.ts";

it("survives every kind of failure at every file operation of a job", async () => {
  const [childPath = ""] = await bundleEntries("fake-child");
  const report = await failEachCall(childPath, everyFailure);
  console.log(`failing file operations: ${JSON.stringify(report)}`);
  expect(report).toMatchObject({ lost: 0, wrong: 0 });
  expect(report.scenarios).toBeGreaterThan(150);
}, 900_000);

it("keeps every promise after 500 power cuts", async () => {
  const [childPath = ""] = await bundleEntries("fake-child");
  const life = await recordLife(childPath, 12);
  const seed = Date.now() % 1_000_000;
  const report = await replayCuts(life, { count: 500, seed, runEvery: 25, childPath });
  console.log(`power cuts, seed ${seed}: ${JSON.stringify(report)}`);
  expect(report).toMatchObject({ cuts: 500, broken: [] });
  expect(report.toResume).toBeGreaterThan(100);
}, 900_000);

it("keeps 2,000 random lives of jobs where the state machine says", async () => {
  const seed = Date.now() % 1_000_000;
  const report = await checkJobModel(2000, seed);
  console.log(`model of the state machine, seed ${seed}: ${JSON.stringify(report)}`);
  expect(report.runs).toBe(2000);
}, 1_800_000);
