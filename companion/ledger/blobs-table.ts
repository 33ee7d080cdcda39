// Which blobs there are, how large, when last wanted, and which of them may go. All functions are [sync].

import type { Database } from "../storage/database.ts";

export interface BlobRecord {
  sha256: string;
  bytes: number;
}

const UNFINISHED = "('queued', 'running', 'paused')";
/** Not an input of any job that is still to be done. */
const NOT_NEEDED = `NOT EXISTS (
  SELECT 1 FROM inputs JOIN jobs ON jobs.id = inputs.job WHERE inputs.sha256 = blobs.sha256 AND jobs.state IN ${UNFINISHED})`;

export class BlobsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** New, or wanted again just now. */
  touch(sha256: string, bytes: number, now: number): void {
    this.#database.run(
      `INSERT INTO blobs (sha256, bytes, used_at) VALUES (?, ?, ?)
       ON CONFLICT (sha256) DO UPDATE SET bytes = excluded.bytes, used_at = excluded.used_at`,
      sha256,
      bytes,
      now,
    );
  }

  remove(sha256: string): void {
    this.#database.run("DELETE FROM blobs WHERE sha256 = ?", sha256);
  }

  totalBytes(): number {
    return Number(this.#database.get("SELECT coalesce(sum(bytes), 0) AS bytes FROM blobs")?.bytes);
  }

  all(): BlobRecord[] {
    return this.#database.all("SELECT sha256, bytes FROM blobs").map(readBlob);
  }

  /** Results that may go, oldest first. */
  oldResults(): BlobRecord[] {
    const rows = this.#database.all(
      `SELECT blobs.sha256, blobs.bytes, max(jobs.finished_at) AS finished_at
       FROM blobs JOIN jobs ON jobs.result_sha256 = blobs.sha256
       WHERE ${NOT_NEEDED} GROUP BY blobs.sha256 ORDER BY finished_at`,
    );
    return rows.map(readBlob);
  }

  /** Pictures that nothing unfinished needs and nobody sent or saw since `usedBefore`, oldest first. */
  oldInputs(usedBefore: number): BlobRecord[] {
    const rows = this.#database.all(
      `SELECT sha256, bytes FROM blobs
       WHERE used_at < ? AND ${NOT_NEEDED}
         AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.result_sha256 = blobs.sha256)
       ORDER BY used_at`,
      usedBefore,
    );
    return rows.map(readBlob);
  }

  /** True when a job that is still to be done has it as an input. */
  isNeeded(sha256: string): boolean {
    return this.#database.get(`SELECT 1 FROM blobs WHERE sha256 = ? AND NOT ${NOT_NEEDED}`, sha256) !== undefined;
  }

  /** Like oldInputs, and named by no job at all. */
  unreferenced(usedBefore: number): BlobRecord[] {
    const rows = this.#database.all(
      `SELECT sha256, bytes FROM blobs
       WHERE used_at < ? AND NOT EXISTS (SELECT 1 FROM inputs WHERE inputs.sha256 = blobs.sha256)
         AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.result_sha256 = blobs.sha256)`,
      usedBefore,
    );
    return rows.map(readBlob);
  }

  /** True when a job names it, as input or as result. */
  isReferenced(sha256: string): boolean {
    const row = this.#database.get(
      `SELECT EXISTS (SELECT 1 FROM inputs WHERE sha256 = ?1) OR
              EXISTS (SELECT 1 FROM jobs WHERE result_sha256 = ?1) AS referenced`,
      sha256,
    );
    return row?.referenced === 1;
  }
}

function readBlob(row: Record<string, unknown>): BlobRecord {
  return { sha256: row.sha256 as string, bytes: row.bytes as number };
}
