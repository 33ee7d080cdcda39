// Batches and their frames. A frame points to the job that is, or was last, at work on it.
// All functions are [sync]; callers put them into a transaction.

import type { BatchFrame, BatchRequest, FrameContent } from "../protocol/batches.ts";
import type { ErrorBody } from "../protocol/errors.ts";
import type { BatchState, FrameState, JobState } from "../protocol/job-states.ts";
import type { JobResult } from "../protocol/jobs.ts";
import type { Database, Row } from "../storage/database.ts";
import type { Stamp } from "./jobs-table.ts";

export interface BatchRecord {
  id: string;
  owner: string;
  name: string;
  state: BatchState;
  /** Without the contents: they stand in the frames. */
  request: Omit<BatchRequest, "contents">;
  createdAt: number;
  finishedAt: number | null;
  sequence: number;
}

/** paused: by somebody, all of it. held-up: some of it for another reason, which ends by itself. */
export type BatchRest = "queued" | "running" | "paused" | "held-up" | "none";

export interface ChangedFrame {
  frame: BatchFrame;
  /** Number of the event that tells of it. */
  sequence: number;
}

export interface NewBatch {
  id: string;
  owner: string;
  name: string;
  request: Omit<BatchRequest, "contents">;
  frames: { content: FrameContent; job: string }[];
}

const FRAME_QUERY = `
  SELECT frames.frame, frames.content, frames.job, frames.skipped, jobs.state, jobs.result, jobs.error,
    max(frames.sequence, jobs.sequence) AS sequence
  FROM frames LEFT JOIN jobs ON jobs.id = frames.job`;

const IS_ANIMATION = "json_extract(request, '$.animation')";

export class BatchesTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(batch: NewBatch, { now, sequence }: Stamp): void {
    this.#database.run(
      "INSERT INTO batches (id, owner, name, state, request, created_at, sequence) VALUES (?, ?, ?, 'running', ?, ?, ?)",
      batch.id,
      batch.owner,
      batch.name,
      JSON.stringify(batch.request),
      now,
      sequence,
    );
    batch.frames.forEach(({ content, job }, index) => {
      this.#database.run(
        "INSERT INTO frames (batch, frame, content, job, sequence) VALUES (?, ?, ?, ?, ?)",
        batch.id,
        index,
        JSON.stringify(content),
        job,
        sequence,
      );
    });
  }

  find(id: string): BatchRecord | undefined {
    const row = this.#database.get("SELECT * FROM batches WHERE id = ?", id);
    return row === undefined ? undefined : readBatch(row);
  }

  state(id: string): BatchState | undefined {
    return this.#database.get("SELECT state FROM batches WHERE id = ?", id)?.state as BatchState | undefined;
  }

  isAnimation(id: string): boolean {
    return this.#database.get(`SELECT ${IS_ANIMATION} AS animation FROM batches WHERE id = ?`, id)?.animation === 1;
  }

  /** Newest first. */
  list(limit: number): BatchRecord[] {
    return this.#database.all("SELECT * FROM batches ORDER BY place DESC LIMIT ?", limit).map(readBatch);
  }

  /** Those that have frames to do, oldest first. */
  running(): { id: string; isAnimation: boolean }[] {
    return this.#database
      .all(`SELECT id, ${IS_ANIMATION} AS animation FROM batches WHERE state = 'running' ORDER BY place`)
      .map((row) => ({ id: row.id as string, isAnimation: row.animation === 1 }));
  }

  frames(id: string): BatchFrame[] {
    return this.#database.all(`${FRAME_QUERY} WHERE frames.batch = ? ORDER BY frames.frame`, id).map(readFrame);
  }

  /** Those of the given numbers, in the order of their last change. */
  framesAt(id: string, indices: readonly number[]): ChangedFrame[] {
    const rows = this.#database.all(
      `${FRAME_QUERY} WHERE frames.batch = ? AND frames.frame IN (SELECT value FROM json_each(?))
       ORDER BY sequence, frames.frame`,
      id,
      JSON.stringify(indices),
    );
    return rows.map(readChangedFrame);
  }

  /** What of it is still to be done; looks at no more frames than it must, as every step of a job asks. */
  rest(id: string): BatchRest {
    const has = (state: JobState, condition = "") => {
      const frame = `SELECT 1 FROM jobs JOIN frames ON frames.batch = jobs.batch AND frames.frame = jobs.frame
        WHERE jobs.state = ? AND jobs.batch = ? AND frames.job = jobs.id AND frames.skipped = 0 ${condition} LIMIT 1`;
      return this.#database.get(frame, state, id) !== undefined;
    };
    if (has("queued")) return "queued";
    if (has("running")) return "running";
    if (!has("paused")) return "none";
    return has("paused", "AND jobs.pause_reason <> 'user'") ? "held-up" : "paused";
  }

  countFrames(id: string): number {
    return Number(this.#database.get("SELECT count(*) AS frames FROM frames WHERE batch = ?", id)?.frames);
  }

  /** Of the given frames, or of all, in no order; `seconds`: of a finished one. */
  courses(
    id: string,
    indices?: readonly number[],
  ): Iterable<{ frame: number; state: FrameState; seconds: number | null }> {
    const chosen = indices === undefined ? "" : "AND frames.frame IN (SELECT value FROM json_each(?))";
    const rows = this.#database.all(
      `SELECT frames.frame, CASE WHEN frames.skipped = 1 THEN 'skipped' ELSE jobs.state END AS state,
         CASE jobs.state WHEN 'done' THEN json_extract(jobs.result, '$.seconds') END AS seconds
       FROM frames JOIN jobs ON jobs.id = frames.job WHERE frames.batch = ? ${chosen}`,
      id,
      ...(indices === undefined ? [] : [JSON.stringify(indices)]),
    );
    return rows.map((row) => ({
      frame: row.frame as number,
      state: row.state as FrameState,
      seconds: row.seconds as number | null,
    }));
  }

  setState(id: string, state: BatchState, { now, sequence }: Stamp): void {
    const finishedAt = state === "done" || state === "cancelled" ? now : null;
    this.#database.run(
      "UPDATE batches SET state = ?, finished_at = ?, sequence = ? WHERE id = ?",
      state,
      finishedAt,
      sequence,
      id,
    );
  }

  /** Frames that changed since event number `after`, in the order of their last change, each with its number. */
  changedFrames(id: string, after: number): ChangedFrame[] {
    const rows = this.#database.all(
      `SELECT * FROM (${FRAME_QUERY} WHERE frames.batch = ?) WHERE sequence > ?
       ORDER BY sequence, frame`,
      id,
      after,
    );
    return rows.map(readChangedFrame);
  }

  /** A new job takes the frame over. */
  setFrameJob(
    id: string,
    { index, content, job }: Pick<BatchFrame, "index" | "content" | "job">,
    { sequence }: Stamp,
  ): void {
    this.#database.run(
      "UPDATE frames SET content = ?, job = ?, skipped = 0, sequence = ? WHERE batch = ? AND frame = ?",
      JSON.stringify(content),
      job,
      sequence,
      id,
      index,
    );
  }

  skipFrame(id: string, index: number, { sequence }: Stamp): void {
    this.#database.run(
      "UPDATE frames SET skipped = 1, sequence = ? WHERE batch = ? AND frame = ?",
      sequence,
      id,
      index,
    );
  }

  /** The record, its frames and every job that ever worked for it. */
  remove(id: string): void {
    this.#database.run("DELETE FROM keys WHERE target = ?", id);
    this.#database.run("DELETE FROM jobs WHERE batch = ?", id);
    this.#database.run("DELETE FROM batches WHERE id = ?", id);
  }
}

function readBatch(row: Row): BatchRecord {
  return {
    id: row.id as string,
    owner: row.owner as string,
    name: row.name as string,
    state: row.state as BatchState,
    request: JSON.parse(row.request as string) as BatchRecord["request"],
    createdAt: row.created_at as number,
    finishedAt: row.finished_at as number | null,
    sequence: row.sequence as number,
  };
}

function readChangedFrame(row: Row): ChangedFrame {
  return { frame: readFrame(row), sequence: row.sequence as number };
}

function readFrame(row: Row): BatchFrame {
  return {
    index: row.frame as number,
    content: JSON.parse(row.content as string) as FrameContent,
    state: row.skipped === 1 ? "skipped" : (row.state as FrameState),
    job: row.job as string,
    result: row.result === null ? null : (JSON.parse(row.result as string) as JobResult),
    error: row.error === null ? null : (JSON.parse(row.error as string) as ErrorBody),
  };
}
