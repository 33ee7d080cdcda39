// SQLite behind six methods, so that the driver can be changed in this one file. Commits survive a power cut
// (write-ahead log, full sync), and the lock that SQLite holds keeps a second process out until this one ends,
// however it ends.

import { DatabaseSync } from "@photostructure/sqlite";
import { ImpastoError } from "../protocol/errors.ts";
import { diskFull } from "./file-system.ts";
import { type SpareRoom, spareRoom } from "./spare-room.ts";

type Connection = InstanceType<typeof DatabaseSync>;

export type SqlValue = string | number | null;
export type Row = Record<string, SqlValue>;

/**
 * durable: on the disk when it returns. soon: with the next durable one, also when this process is killed, and a power cut
 * before takes the whole of it. surely: durable, and on a full disk at the cost of the room that is kept for it.
 */
export type When = "durable" | "soon" | "surely";

/** Every method is [sync] and throws ImpastoError. */
export interface Database {
  /** Several statements without parameters. */
  execute(sql: string): void;
  /** One statement; returns how many rows it changed. */
  run(sql: string, ...parameters: SqlValue[]): number;
  get(sql: string, ...parameters: SqlValue[]): Row | undefined;
  all(sql: string, ...parameters: SqlValue[]): Row[];
  /** All of `body` or nothing; with "surely" it may be called twice. Does not nest. */
  transaction<T>(body: () => T, when?: When): T;
  close(): void;
}

/** With a write-ahead log, NORMAL leaves it to the next FULL to bring what was written to the disk. */
function synchronous(when: "durable" | "soon"): string {
  return `PRAGMA synchronous = ${when === "durable" ? "FULL" : "NORMAL"}`;
}

function connect(path: string): Connection {
  const connection = new DatabaseSync(path, { timeout: 2000 });
  try {
    connection.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      ${synchronous("durable")};
      PRAGMA foreign_keys = ON;
      PRAGMA temp_store = MEMORY;
    `);
    // Takes the lock now, not at the first write.
    connection.exec("BEGIN IMMEDIATE; COMMIT");
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function guarded<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw databaseError(error);
  }
}

function atTheCostOf<T>(spare: SpareRoom, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const isFull = error instanceof ImpastoError && error.code === "disk-full";
    if (!isFull || !spare.giveUp()) throw error;
    return action();
  }
}

/** "busy" when another process holds the file. */
export function openDatabase(path: string): Database {
  const spare = spareRoom(`${path}-spare`);
  const connection = atTheCostOf(spare, () => guarded(() => connect(path)));
  spare.keep();

  const statements = new Map<string, ReturnType<Connection["prepare"]>>();
  function prepared(sql: string) {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = connection.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  }
  function attempt<T>(body: () => T, when: When): T {
    guarded(() => connection.exec(`${when === "soon" ? `${synchronous("soon")};` : ""} BEGIN IMMEDIATE`));
    try {
      const value = body();
      connection.exec("COMMIT");
      return value;
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (connection.isTransaction) guarded(() => connection.exec("ROLLBACK"));
      throw databaseError(error);
    } finally {
      if (when === "soon") guarded(() => connection.exec(synchronous("durable")));
    }
  }

  return {
    execute: (sql) => guarded(() => connection.exec(sql)),
    run: (sql, ...parameters) => guarded(() => Number(prepared(sql).run(...parameters).changes)),
    get: (sql, ...parameters) => guarded(() => prepared(sql).get(...parameters) as Row | undefined),
    all: (sql, ...parameters) => guarded(() => prepared(sql).all(...parameters) as Row[]),
    transaction(body, when = "durable") {
      const once = () => attempt(body, when);
      const value = when === "surely" ? atTheCostOf(spare, once) : once();
      spare.keep();
      return value;
    },
    close() {
      guarded(() => {
        // The driver closes for good only when the last statement was collected; until then a write-ahead log
        // keeps its lock on the file, a rollback journal does not.
        connection.exec("PRAGMA journal_mode = DELETE");
        connection.exec("PRAGMA locking_mode = NORMAL");
        connection.exec("SELECT 1 FROM sqlite_master");
        statements.clear();
        connection.close();
      });
    },
  };
}

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

function databaseError(error: unknown): unknown {
  const extended = (error as { errcode?: unknown } | null)?.errcode;
  if (!(error instanceof Error) || error instanceof ImpastoError || typeof extended !== "number") return error;
  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return new ImpastoError("busy", "Another Impasto is using the same data folder.", {
        hint: "Let it finish or close it, or set IMPASTO_HOME to another folder for this one.",
        cause: error,
      });
    case SQLITE_FULL:
      return diskFull("the list of jobs", error);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return new ImpastoError("file-not-writable", "Impasto may not write its list of jobs.", {
        hint: "Check the permissions of Impasto's data folder, or set IMPASTO_HOME to another one.",
        cause: error,
      });
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new ImpastoError("internal", "The list of jobs is damaged.", {
        hint: "Move ledger.sqlite out of Impasto's data folder and start again; results stay in the blobs folder.",
        cause: error,
      });
    default:
      return new ImpastoError("internal", "The list of jobs could not be read or written.", {
        hint: "Try again; if it happens again, check the disk.",
        cause: error,
      });
  }
}
