// How often a batch is summed up for who watches it, by a clock that the test sets.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Transitions } from "../../../companion/jobs/transitions.ts";
import type { Ledger } from "../../../companion/ledger/ledger.ts";
import type { BatchEvent } from "../../../companion/protocol/batches.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { BATCH, jobIds, openLedgerWithBatch } from "../support/ledger-with-batch.ts";

const JOBS = jobIds(6);

let ledger: Ledger;
let transitions: Transitions;
let events: BatchEvent[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  ({ ledger, transitions } = openLedgerWithBatch(JOBS));
  events = [];
});
afterEach(() => {
  vi.useRealTimers();
  ledger.close();
});

function watch(): () => void {
  const batch = ledger.batches.find(BATCH);
  if (batch === undefined) throw new Error("There is no batch.");
  return transitions.batchEvents.watch(batch, ledger.nextSequence(), (event) => events.push(event));
}

function fail(id: string): void {
  const attempt = transitions.claim(id) ?? 0;
  transitions.fail(id, attempt, new ImpastoError("bad-picture", "no"));
}

const failedOf = (event: BatchEvent) => (event.type === "state" ? [event.batch.counts.failed] : []);

it("every frame is told at once, the batch at first, then after a while, then when it is over", () => {
  watch();
  for (const id of JOBS.slice(0, 4)) fail(id);
  expect(events.filter(({ type }) => type === "frame")).toHaveLength(8);
  expect(events.flatMap(failedOf)).toEqual([0]);
  vi.advanceTimersByTime(249);
  expect(events.flatMap(failedOf)).toEqual([0]);
  vi.advanceTimersByTime(1);
  expect(events.flatMap(failedOf)).toEqual([0, 4]);
  vi.advanceTimersByTime(10_000);
  expect(events.flatMap(failedOf)).toEqual([0, 4]);
  fail(JOBS[4] ?? "");
  fail(JOBS[5] ?? "");
  expect(events.flatMap(failedOf)).toEqual([0, 4, 4, 6]);
  expect(events.at(-1)).toMatchObject({ type: "state", batch: { state: "done" } });
  expect(vi.getTimerCount()).toBe(0);
});

it("nobody is told who has left meanwhile", () => {
  const stop = watch();
  fail(JOBS[0] ?? "");
  stop();
  vi.advanceTimersByTime(250);
  expect(events.flatMap(failedOf)).toEqual([0]);
});
