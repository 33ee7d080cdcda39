// Power cuts between any two writes, 50 of them; the full count runs in power-cut.slow.test.ts.

import { expect, it } from "vitest";
import { bundleEntries } from "../support/bundle.ts";
import { recordLife, replayCuts } from "../support/power-cut.ts";

it("keeps every promise after a power cut between any two writes", async () => {
  const [childPath = ""] = await bundleEntries("fake-child");
  const life = await recordLife(childPath, 4);
  const seed = Date.now() % 1_000_000;
  const report = await replayCuts(life, { count: 50, seed, runEvery: 17, childPath });
  console.log(`power cuts, seed ${seed}: ${JSON.stringify(report)}`);
  expect(report.broken).toEqual([]);
  expect(report).toMatchObject({ cuts: 50, ranToTheEnd: 3 });
  expect(report.toResume).toBeGreaterThan(0);
}, 120_000);
