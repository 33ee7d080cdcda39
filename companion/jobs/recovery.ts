// What a starting companion makes of the jobs that the last one left: batch and detached jobs go on, the others
// stand paused until their client is back. A job during which several companions ended, without getting on
// between, may be what ended them: it stands paused too, until somebody asks for it.

import { join } from "node:path";
import type { JobRecord } from "../ledger/job-record.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { FileSystem } from "../storage/file-system.ts";

const MAX_INTERRUPTIONS = 3;

/**
 * [sync] One transaction; returns the ids of jobs that wait for their client.
 * @param keepsLeases jobs that other machines carry out are still in their hands
 */
export function recoverJobs(ledger: Ledger, keepsLeases: boolean): string[] {
  const { jobs } = ledger;
  return ledger.transaction(() => {
    for (const job of jobs.inState("running")) {
      const { id, attempt, pauseReason, interruptions, lease } = job;
      if (lease !== null && keepsLeases) continue;
      jobs.requeue(id, attempt, { outcome: "interrupted" }, ledger.stamp());
      if (pauseReason !== null) jobs.pauseQueued(id, pauseReason, ledger.stamp());
      else if (interruptions + 1 >= MAX_INTERRUPTIONS) jobs.pauseQueued(id, "restart", ledger.stamp());
    }
    for (const job of jobs.inState("queued")) {
      if (waitsForClient(job)) jobs.pauseQueued(job.id, "restart", ledger.stamp());
    }
    return jobs
      .inState("paused")
      .filter(waitsForClient)
      .map(({ id }) => id);
  }, "surely");
}

/** Removes checkpoints of jobs, and of animations, that are over or gone. */
export async function sweepCheckpoints(ledger: Ledger, fileSystem: FileSystem, folder: string): Promise<void> {
  const unfinished = new Set(
    (["queued", "running", "paused"] as const).flatMap((state) =>
      ledger.jobs.inState(state).flatMap(({ id, batch }) => (batch === null ? [id] : [id, batch.id])),
    ),
  );
  for (const name of await fileSystem.list(folder)) {
    const [job = ""] = name.split(".");
    if (!unfinished.has(job)) await fileSystem.remove(join(folder, name));
  }
}

function waitsForClient(job: JobRecord): boolean {
  return job.batch === null && !job.detached;
}
