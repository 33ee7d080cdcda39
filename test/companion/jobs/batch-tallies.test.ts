// What a batch has come to, by the frames that changed, against the same read anew.

import { afterEach, beforeEach, expect, it } from "vitest";
import { BatchTallies } from "../../../companion/jobs/batch-tallies.ts";
import type { Transitions } from "../../../companion/jobs/transitions.ts";
import type { Ledger } from "../../../companion/ledger/ledger.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { Recipe } from "../../../companion/protocol/recipe.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { BATCH, jobIds, openLedgerWithBatch, picture, request } from "../support/ledger-with-batch.ts";

const JOBS = jobIds(5);

let ledger: Ledger;
let transitions: Transitions;
beforeEach(() => {
  ({ ledger, transitions } = openLedgerWithBatch(JOBS));
});
afterEach(() => ledger.close());

function summary() {
  const batch = ledger.batches.find(BATCH);
  if (batch === undefined) throw new Error("There is no batch.");
  const told = transitions.batchEvents.summary(batch);
  // Nothing is remembered here.
  expect(told.counts).toEqual(new BatchTallies(ledger).of(BATCH).counts);
  return told;
}

function finish(frame: number, seconds: number): void {
  const job = JOBS[frame] ?? "";
  const attempt = transitions.claim(job) ?? 0;
  const result = { ...picture, bytes: 1, width: 1, height: 1, iterations: 1, seconds, device: "cpu", stopped: false };
  expect(transitions.finish(job, attempt, result, {} as Recipe)).toBe(true);
}

it("every step of a frame is counted when the batch is asked about after it", () => {
  expect(summary()).toMatchObject({ counts: { queued: 5, done: 0 }, secondsLeft: null });
  finish(0, 10);
  expect(summary()).toMatchObject({ counts: { queued: 4, done: 1 }, secondsLeft: 40 });
  finish(1, 20);
  transitions.claim(JOBS[2] ?? "");
  expect(summary()).toMatchObject({ counts: { queued: 2, running: 1, done: 2 }, secondsLeft: 45 });
  transitions.fail(JOBS[2] ?? "", 1, new ImpastoError("bad-picture", "no"));
  transitions.pauseAll(JOBS.slice(3), "user", { id: BATCH, apply: () => undefined });
  expect(summary()).toMatchObject({ counts: { paused: 2, failed: 1, done: 2 }, secondsLeft: 30 });
});

it("a result that is to be made again counts no more, nor does its time", () => {
  finish(0, 10);
  finish(1, 30);
  expect(summary().secondsLeft).toBe(60);
  transitions.redo(JOBS[0] ?? "");
  expect(summary()).toMatchObject({ counts: { queued: 4, done: 1 }, secondsLeft: 120 });
});

it("a frame that is skipped, and one that another job takes over, count as what they are now", () => {
  expect(summary().counts.queued).toBe(5);
  transitions.cancelAll([JOBS[4] ?? ""], {
    id: BATCH,
    apply: () => ledger.batches.skipFrame(BATCH, 4, ledger.stamp()),
    frames: [4],
  });
  expect(summary().counts).toMatchObject({ queued: 4, skipped: 1, cancelled: 0 });
  const job = "f".repeat(32);
  ledger.transaction(() => {
    const batch = { id: BATCH, frame: 4 };
    ledger.jobs.insert(
      { id: job, owner: "a", request, settings: DEFAULT_SETTINGS, detached: true, batch },
      ledger.stamp(),
    );
    ledger.batches.setFrameJob(BATCH, { index: 4, content: picture, job }, ledger.stamp());
  });
  transitions.batchEvents.changed(BATCH, [4]);
  expect(summary().counts).toMatchObject({ queued: 5, skipped: 0 });
});

it("a step that did not come about changes nothing", () => {
  expect(summary().counts.queued).toBe(5);
  const refused = () =>
    transitions.cancelAll(JOBS, {
      id: BATCH,
      apply: () => {
        throw new ImpastoError("disk-full", "no");
      },
    });
  expect(refused).toThrow();
  expect(summary().counts.queued).toBe(5);
});
