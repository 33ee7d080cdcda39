// The one durable truth about jobs, batches and blobs. One process at a time holds it; each start is an epoch.

import type { Database, When } from "../storage/database.ts";
import { openDatabase } from "../storage/database.ts";
import { BatchesTable } from "./batches-table.ts";
import { BlobsTable } from "./blobs-table.ts";
import { JobsTable, type Stamp } from "./jobs-table.ts";
import { migrate, refuseNewerLedger } from "./schema.ts";
import { WorkList } from "./work-list.ts";

/** Event numbers of one epoch; far more than a run of the companion can use up. */
const SEQUENCES_PER_EPOCH = 1_000_000_000;

export class Ledger {
  readonly jobs: JobsTable;
  readonly work: WorkList;
  readonly batches: BatchesTable;
  readonly blobs: BlobsTable;
  /** Counts the starts of a companion on this data folder, from 1. */
  readonly epoch: number;
  readonly #database: Database;
  readonly #now: () => number;
  #sequence: number;

  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
    this.jobs = new JobsTable(database);
    this.work = new WorkList(database);
    this.batches = new BatchesTable(database);
    this.blobs = new BlobsTable(database);
    this.epoch = this.transaction(() => {
      database.run("INSERT INTO epochs (pid, started_at) VALUES (?, ?)", process.pid, now());
      return Number(database.get("SELECT last_insert_rowid() AS epoch")?.epoch);
    }, "surely");
    this.#sequence = this.epoch * SEQUENCES_PER_EPOCH;
  }

  now(): number {
    return this.#now();
  }

  /** Rises strictly, across restarts too. */
  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  stamp(): Stamp {
    return this.stamps(1);
  }

  /** The first of so many numbers in a row. */
  stamps(count: number): Stamp {
    const sequence = this.#sequence + 1;
    this.#sequence += count;
    return { now: this.#now(), sequence };
  }

  /** All or nothing. */
  transaction<T>(body: () => T, when?: When): T {
    return this.#database.transaction(body, when);
  }

  /** What an earlier request under the same key made, and whether it asked for the same. */
  findKey(owner: string, key: string): { target: string; digest: string } | undefined {
    const row = this.#database.get("SELECT target, digest FROM keys WHERE owner = ? AND key = ?", owner, key);
    return row === undefined ? undefined : { target: row.target as string, digest: row.digest as string };
  }

  insertKey(owner: string, key: string, target: string, digest: string): void {
    this.#database.run("INSERT INTO keys (owner, key, target, digest) VALUES (?, ?, ?, ?)", owner, key, target, digest);
  }

  close(): void {
    this.transaction(() => {
      this.#database.run("UPDATE epochs SET ended_at = ? WHERE epoch = ?", this.#now(), this.epoch);
    }, "surely");
    this.#database.close();
  }
}

/**
 * [sync] Opens or creates the ledger at `path`. Throws ImpastoError "busy" (another process has it),
 * "version-mismatch" (written by a newer Impasto; untouched) or "internal" (damaged).
 */
export function openLedger(path: string, now?: () => number): Ledger {
  refuseNewerLedger(path);
  const database = openDatabase(path);
  try {
    migrate(database);
    return new Ledger(database, now);
  } catch (error) {
    database.close();
    throw error;
  }
}
