// The ledger's tables. A newer ledger than this program is refused before anything in it is touched.

import { closeSync, openSync, readSync } from "node:fs";
import { ImpastoError } from "../protocol/errors.ts";
import type { Database } from "../storage/database.ts";

/**
 * One script for each version, in order; a released one is never edited. Every migration ends with a
 * checkpoint of the log, so that the version in the file's header is always the ledger's.
 */
const MIGRATIONS = [
  `
  CREATE TABLE epochs (
    epoch INTEGER PRIMARY KEY AUTOINCREMENT,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER
  ) STRICT;

  CREATE TABLE jobs (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    batch TEXT,
    frame INTEGER,
    detached INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'done', 'failed', 'cancelled')),
    pause_reason TEXT,
    request TEXT NOT NULL,
    settings TEXT NOT NULL,
    changes TEXT NOT NULL DEFAULT '[]',
    attempt INTEGER NOT NULL DEFAULT 0,
    deaths INTEGER NOT NULL DEFAULT 0,
    interruptions INTEGER NOT NULL DEFAULT 0,
    on_cpu INTEGER NOT NULL DEFAULT 0,
    stop_wanted INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    progress TEXT,
    result TEXT,
    result_sha256 TEXT,
    recipe TEXT,
    error TEXT,
    sequence INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX jobs_by_state ON jobs (state, place);
  CREATE INDEX jobs_by_batch ON jobs (batch, place) WHERE batch IS NOT NULL;
  CREATE INDEX jobs_by_result ON jobs (result_sha256) WHERE result_sha256 IS NOT NULL;

  CREATE TABLE attempts (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    PRIMARY KEY (job, attempt)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE inputs (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (job, sha256)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX inputs_by_blob ON inputs (sha256);

  CREATE TABLE batches (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'done', 'cancelled')),
    request TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    sequence INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE frames (
    batch TEXT NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    frame INTEGER NOT NULL,
    content TEXT NOT NULL,
    job TEXT NOT NULL,
    skipped INTEGER NOT NULL DEFAULT 0,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (batch, frame)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE keys (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    target TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (owner, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX keys_by_target ON keys (target);

  CREATE TABLE blobs (
    sha256 TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    used_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX blobs_by_use ON blobs (used_at);
  `,
  // A style was its picture's hash and name and an optional weight, side by side.
  `
  UPDATE jobs SET request = json_set(request, '$.styles', json((${upgradedStyles("jobs.request", "$.styles")})));
  UPDATE batches SET request = json_set(request, '$.styles', json((${upgradedStyles("batches.request", "$.styles")})));
  UPDATE jobs SET recipe = json_set(recipe, '$.version', 2,
      '$.inputs.styles', json((${upgradedStyles("jobs.recipe", "$.inputs.styles")})))
    WHERE recipe IS NOT NULL;
  `,
  // Jobs that other machines carry out.
  `
  ALTER TABLE jobs ADD COLUMN lease TEXT;
  CREATE INDEX jobs_by_turn ON jobs (state, batch, place);
  `,
];

function upgradedStyles(column: string, path: string): string {
  return `SELECT json_group_array(json_object('picture', json_remove(style.value, '$.weight'),
      'weight', coalesce(json_extract(style.value, '$.weight'), 1)) ORDER BY style.key)
    FROM json_each(${column}, '${path}') AS style`;
}

export const LEDGER_VERSION = MIGRATIONS.length;

/** Offset of user_version in the header of an SQLite file, big-endian (sqlite.org/fileformat2.html §1.3). */
const USER_VERSION_OFFSET = 60;
const SQLITE_MAGIC = "SQLite format 3\0";

/** [sync] Reads the header and nothing else. Throws ImpastoError("version-mismatch") for a newer ledger. */
export function refuseNewerLedger(path: string): void {
  const header = Buffer.alloc(USER_VERSION_OFFSET + 4);
  try {
    const file = openSync(path, "r");
    try {
      if (readSync(file, header, 0, header.length, 0) < header.length) return;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof Error && (error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw new ImpastoError("file-not-readable", `Impasto cannot read its list of jobs, ${path}.`, {
      hint: "Check its permissions.",
      cause: error,
    });
  }
  const isDatabase = header.toString("latin1", 0, SQLITE_MAGIC.length) === SQLITE_MAGIC;
  const version = header.readUInt32BE(USER_VERSION_OFFSET);
  if (isDatabase && version > LEDGER_VERSION) throw newerLedger();
}

function newerLedger(): ImpastoError {
  return new ImpastoError("version-mismatch", "The list of jobs was written by a newer Impasto.", {
    hint: "Update Impasto, or set IMPASTO_HOME to another folder. Nothing was changed.",
  });
}

/** Brings an older or empty ledger to this program's version, each step whole or not at all. */
export function migrate(database: Database): void {
  const found = Number(database.get("PRAGMA user_version")?.user_version ?? 0);
  // Its writer ended before the header of the file told of it.
  if (found > LEDGER_VERSION) throw newerLedger();
  for (let version = found; version < LEDGER_VERSION; version++) {
    database.transaction(() => {
      database.execute(MIGRATIONS[version] ?? "");
      database.execute(`PRAGMA user_version = ${version + 1}`);
    });
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }
}
