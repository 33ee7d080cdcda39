// What waits and what is in work, as those ask for it who hand work out: the runner of this machine, or the queue.
// Looks only; jobs-table.ts has the steps. All functions are [sync].

import type { Settings } from "../protocol/settings.ts";
import type { Database, Row } from "../storage/database.ts";
import { type JobRecord, type LeasedJob, readJob, readLeased } from "./job-record.ts";

/** A job that waits to be taken, with what it asks to be done on. */
export interface Waiting {
  id: string;
  device: Settings["device"];
}

const DEVICE = "CASE on_cpu WHEN 1 THEN 'cpu' ELSE json_extract(settings, '$.device') END AS device";

function readWaiting({ id, device }: Row): Waiting {
  return { id: id as string, device: device as Settings["device"] };
}

export class WorkList {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Jobs sent one by one go before the frames of batches; within each, first come, first served. */
  next(): JobRecord | undefined {
    const row = this.#database.get(
      "SELECT * FROM jobs WHERE state = 'queued' ORDER BY batch IS NOT NULL, place LIMIT 1",
    );
    return row === undefined ? undefined : readJob(row);
  }

  /** Queued jobs of one batch, first come first. */
  waitingOf(batch: string, limit: number): Waiting[] {
    const query = `SELECT id, ${DEVICE} FROM jobs WHERE state = 'queued' AND batch = ? ORDER BY place LIMIT ?`;
    return this.#database.all(query, batch, limit).map(readWaiting);
  }

  /** Queued jobs that were sent one by one: of each owner the first ones, first come first. `turn`: from 1. */
  waitingByOwner(each: number): (Waiting & { owner: string; turn: number })[] {
    const rows = this.#database.all(
      `SELECT id, owner, turn, ${DEVICE} FROM (
         SELECT id, owner, place, on_cpu, settings, ROW_NUMBER() OVER (PARTITION BY owner ORDER BY place) AS turn
         FROM jobs WHERE state = 'queued' AND batch IS NULL
       ) WHERE turn <= ? ORDER BY place`,
      each,
    );
    return rows.map((row) => ({ ...readWaiting(row), owner: row.owner as string, turn: row.turn as number }));
  }

  /** Those among `ids` that are queued. */
  stillQueued(ids: readonly string[]): Set<string> {
    const rows = this.#database.all(
      "SELECT id FROM jobs WHERE id IN (SELECT value FROM json_each(?)) AND +state = 'queued'",
      JSON.stringify(ids),
    );
    return new Set(rows.map((row) => row.id as string));
  }

  /** Running jobs that other machines carry out. */
  leased(): LeasedJob[] {
    return this.#database
      .all("SELECT id, attempt, lease FROM jobs WHERE state = 'running' AND lease IS NOT NULL ORDER BY place")
      .map(readLeased);
  }

  /** Whether one of the batch's frames is in work. */
  isRunning(batch: string): boolean {
    return this.#database.get("SELECT 1 FROM jobs WHERE state = 'running' AND batch = ? LIMIT 1", batch) !== undefined;
  }
}
