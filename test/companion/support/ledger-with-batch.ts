// A ledger of its own with one batch in it, none of whose frames has begun.

import { join } from "node:path";
import { Transitions } from "../../../companion/jobs/transitions.ts";
import { type Ledger, openLedger } from "../../../companion/ledger/ledger.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { temporaryFolder } from "./job-service.ts";

export const BATCH = "b".repeat(32);
export const picture = { sha256: "c".repeat(64) };
export const request = { content: picture, styles: [{ picture, weight: 1 }], settings: {} };

/** Ids of the jobs of so many frames, ten at most. */
export function jobIds(count: number): string[] {
  return Array.from({ length: count }, (_, frame) => `${frame}`.repeat(32));
}

/** Callers close the ledger. */
export function openLedgerWithBatch(jobs: readonly string[]): { ledger: Ledger; transitions: Transitions } {
  const ledger = openLedger(join(temporaryFolder(), "ledger.sqlite"));
  const stamp = ledger.stamp();
  ledger.transaction(() => {
    jobs.forEach((id, frame) => {
      const batch = { id: BATCH, frame };
      ledger.jobs.insert({ id, owner: "a", request, settings: DEFAULT_SETTINGS, detached: true, batch }, stamp);
    });
    const frames = jobs.map((job) => ({ content: picture, job }));
    ledger.batches.insert({ id: BATCH, owner: "a", name: "a batch", request, frames }, stamp);
  });
  return { ledger, transitions: new Transitions(ledger, () => undefined) };
}
