// Every step of a job's life as one guarded statement: each says from which state, and for which attempt, it
// holds, and tells whether it happened. An outcome that comes late, from a child that was given up, changes
// nothing. All functions are [sync]; callers put them into a transaction.

import type { JobFilter } from "../job-service.ts";
import type { ErrorBody } from "../protocol/errors.ts";
import type { JobState, PauseReason } from "../protocol/job-states.ts";
import type { JobRequest, JobResult } from "../protocol/jobs.ts";
import type { Progress } from "../protocol/progress.ts";
import type { Recipe, SettingsChange } from "../protocol/recipe.ts";
import type { Settings } from "../protocol/settings.ts";
import type { Database, SqlValue } from "../storage/database.ts";
import {
  COURSE_COLUMNS,
  inputsOf,
  type JobCourse,
  type JobRecord,
  type JobStep,
  type Lease,
  readCourse,
  readJob,
  readStep,
  STEP_COLUMNS,
} from "./job-record.ts";

export interface NewJob {
  id: string;
  owner: string;
  request: JobRequest;
  settings: Settings;
  detached: boolean;
  batch: { id: string; frame: number } | null;
}

/** What the ledger gives to each step: the time and the next number of the event that tells of it. */
export interface Stamp {
  now: number;
  sequence: number;
}

const KEPT = "state = 'done' AND result_sha256 IS NOT NULL";
/**
 * Those that were sent one by one, and the latest of each batch. Ten thousand frames stand in nobody's way: there is an index
 * by state, batch and place.
 */
const KEPT_OR_LATEST = `place IN (
  SELECT place FROM jobs WHERE ${KEPT} AND batch IS NULL
  UNION ALL SELECT (SELECT max(place) FROM jobs WHERE ${KEPT} AND batch = batches.id) FROM batches)`;

export type AttemptOutcome = "done" | "failed" | "cancelled" | "paused" | "died" | "interrupted" | "retried";

export class JobsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(job: NewJob, { now, sequence }: Stamp): void {
    this.#database.run(
      `INSERT INTO jobs (id, owner, batch, frame, detached, state, request, settings, created_at, sequence)
       VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?)`,
      job.id,
      job.owner,
      job.batch?.id ?? null,
      job.batch?.frame ?? null,
      job.detached ? 1 : 0,
      JSON.stringify(job.request),
      JSON.stringify(job.settings),
      now,
      sequence,
    );
    for (const sha256 of inputsOf(job.request)) {
      this.#database.run("INSERT INTO inputs (job, sha256) VALUES (?, ?)", job.id, sha256);
    }
  }

  find(id: string): JobRecord | undefined {
    const row = this.#database.get("SELECT * FROM jobs WHERE id = ?", id);
    return row === undefined ? undefined : readJob(row);
  }

  /** A third of the work of find(). */
  course(id: string): JobCourse | undefined {
    const row = this.#database.get(`SELECT ${COURSE_COLUMNS} FROM jobs WHERE id = ?`, id);
    return row === undefined ? undefined : readCourse(row);
  }

  step(id: string): JobStep | undefined {
    const row = this.#database.get(`SELECT ${STEP_COLUMNS} FROM jobs WHERE id = ?`, id);
    return row === undefined ? undefined : readStep(row);
  }

  /** Newest first; of those older than the job `before`, where it is given. */
  list({ limit, kept, ...filter }: JobFilter): JobRecord[] {
    const conditions = {
      state: "state = ?",
      batch: "batch = ?",
      before: "place < (SELECT place FROM jobs WHERE id = ?)",
    };
    const names = (Object.keys(conditions) as (keyof typeof conditions)[]).filter((name) => filter[name] !== undefined);
    const there = filter.batch === undefined ? KEPT_OR_LATEST : KEPT;
    const all = [...names.map((name) => conditions[name]), ...(kept === undefined ? [] : [there])];
    const clause = all.length === 0 ? "" : `WHERE ${all.join(" AND ")}`;
    const wanted = names.map((name) => filter[name] as string);
    const rows = this.#database.all(`SELECT * FROM jobs ${clause} ORDER BY place DESC LIMIT ?`, ...wanted, limit);
    return rows.map(readJob);
  }

  /** Every job that ever worked for the batch. */
  ofBatch(id: string): JobRecord[] {
    return this.#database.all("SELECT * FROM jobs WHERE batch = ? ORDER BY place", id).map(readJob);
  }

  inState(state: JobState): JobRecord[] {
    return this.#database.all("SELECT * FROM jobs WHERE state = ? ORDER BY place", state).map(readJob);
  }

  countByState(): Record<string, number> {
    const rows = this.#database.all("SELECT state, count(*) AS jobs FROM jobs GROUP BY state");
    return Object.fromEntries(rows.map((row) => [row.state, row.jobs])) as Record<string, number>;
  }

  /** queued → running, under a new attempt number; that number, or null when the job is not queued any more. */
  claim(id: string, epoch: number, { now, sequence }: Stamp, lease: Lease | null = null): number | null {
    const claimed = this.#database.get(
      `UPDATE jobs SET state = 'running', attempt = attempt + 1, started_at = coalesce(started_at, ?), lease = ?, sequence = ?
       WHERE id = ? AND state = 'queued' RETURNING attempt`,
      now,
      lease === null ? null : JSON.stringify(lease),
      sequence,
      id,
    );
    if (claimed === undefined) return null;
    const attempt = claimed.attempt as number;
    this.#database.run(
      "INSERT INTO attempts (job, attempt, epoch, started_at) VALUES (?, ?, ?, ?)",
      id,
      attempt,
      epoch,
      now,
    );
    return attempt;
  }

  /** running → done */
  finish(id: string, attempt: number, result: JobResult, recipe: Recipe, { now, sequence }: Stamp): boolean {
    const finished = this.#database.run(
      `UPDATE jobs SET state = 'done', pause_reason = NULL, finished_at = ?, result = ?, result_sha256 = ?, recipe = ?, sequence = ?
       WHERE id = ? AND attempt = ? AND state = 'running'`,
      now,
      JSON.stringify(result),
      result.sha256,
      JSON.stringify(recipe),
      sequence,
      id,
      attempt,
    );
    if (finished > 0) this.#endAttempt(id, attempt, "done", now);
    return finished > 0;
  }

  /** running → failed */
  fail(id: string, attempt: number, error: ErrorBody, { now, sequence }: Stamp): boolean {
    const failed = this.#database.run(
      `UPDATE jobs SET state = 'failed', pause_reason = NULL, finished_at = ?, error = ?, sequence = ?
       WHERE id = ? AND attempt = ? AND state = 'running'`,
      now,
      JSON.stringify(error),
      sequence,
      id,
      attempt,
    );
    if (failed > 0) this.#endAttempt(id, attempt, "failed", now);
    return failed > 0;
  }

  /** running → queued, after its child died, its device failed or its companion ended. */
  requeue(
    id: string,
    attempt: number,
    why: { outcome: "died" | "retried" | "interrupted"; onCpu?: boolean },
    { now, sequence }: Stamp,
  ): boolean {
    const requeued = this.#database.run(
      `UPDATE jobs SET state = 'queued', pause_reason = NULL, deaths = deaths + ?, interruptions = interruptions + ?,
         on_cpu = max(on_cpu, ?), sequence = ?
       WHERE id = ? AND attempt = ? AND state = 'running'`,
      why.outcome === "died" ? 1 : 0,
      why.outcome === "interrupted" ? 1 : 0,
      why.onCpu === true ? 1 : 0,
      sequence,
      id,
      attempt,
    );
    if (requeued > 0) this.#endAttempt(id, attempt, why.outcome, now);
    return requeued > 0;
  }

  /** A running job is to be paused as soon as its child has put it aside; null takes that back. */
  wantPause(id: string, reason: PauseReason | null, { sequence }: Stamp): boolean {
    return (
      this.#database.run(
        "UPDATE jobs SET pause_reason = ?, sequence = ? WHERE id = ? AND state = 'running'",
        reason,
        sequence,
        id,
      ) > 0
    );
  }

  /** running → paused, for the reason that was wanted or else for this one. */
  pauseRunning(id: string, attempt: number, reason: PauseReason, { now, sequence }: Stamp): boolean {
    const paused = this.#database.run(
      `UPDATE jobs SET state = 'paused', pause_reason = coalesce(pause_reason, ?), sequence = ?
       WHERE id = ? AND attempt = ? AND state = 'running'`,
      reason,
      sequence,
      id,
      attempt,
    );
    if (paused > 0) this.#endAttempt(id, attempt, "paused", now);
    return paused > 0;
  }

  /** queued → paused */
  pauseQueued(id: string, reason: PauseReason, { sequence }: Stamp): boolean {
    return (
      this.#database.run(
        "UPDATE jobs SET state = 'paused', pause_reason = ?, sequence = ? WHERE id = ? AND state = 'queued'",
        reason,
        sequence,
        id,
      ) > 0
    );
  }

  /** A paused job stays paused, for another reason: "user" is stronger than a client that left. */
  changePauseReason(id: string, reason: PauseReason, { sequence }: Stamp): boolean {
    return (
      this.#database.run(
        "UPDATE jobs SET pause_reason = ?, sequence = ? WHERE id = ? AND state = 'paused'",
        reason,
        sequence,
        id,
      ) > 0
    );
  }

  /** paused → queued */
  resume(id: string, { sequence }: Stamp): boolean {
    return (
      this.#database.run(
        `UPDATE jobs SET state = 'queued', pause_reason = NULL, interruptions = 0, sequence = ?
         WHERE id = ? AND state = 'paused'`,
        sequence,
        id,
      ) > 0
    );
  }

  /** queued → paused; running ones are to be paused, and paused ones stay so, for this reason. */
  pauseAll(ids: readonly string[], reason: PauseReason, stamp: Stamp): JobStep[] {
    return this.#changeAll(
      ids,
      stamp,
      "state = CASE state WHEN 'queued' THEN 'paused' ELSE state END, pause_reason = ?",
      reason,
    );
  }

  /** paused → queued; of running ones the pause that did not happen yet is taken back. */
  resumeAll(ids: readonly string[], stamp: Stamp): JobStep[] {
    return this.#changeAll(
      ids,
      stamp,
      `state = CASE state WHEN 'paused' THEN 'queued' ELSE state END, pause_reason = NULL,
       interruptions = CASE state WHEN 'paused' THEN 0 ELSE interruptions END`,
    );
  }

  /** queued, running, paused → cancelled */
  cancelAll(ids: readonly string[], stamp: Stamp): JobStep[] {
    const cancelled = this.#changeAll(
      ids,
      stamp,
      "state = 'cancelled', pause_reason = NULL, finished_at = ?",
      stamp.now,
    );
    this.#database.run(
      `UPDATE attempts SET ended_at = ?, outcome = 'cancelled'
       WHERE ended_at IS NULL AND job IN (SELECT value FROM json_each(?))`,
      stamp.now,
      JSON.stringify(cancelled.map(({ id }) => id)),
    );
    return cancelled;
  }

  /** done → queued, when its result was found missing or damaged on the disk; its recipe tells how it was made. */
  redo(id: string, { sequence }: Stamp): boolean {
    return (
      this.#database.run(
        `UPDATE jobs SET state = 'queued', finished_at = NULL, result = NULL, result_sha256 = NULL, stop_wanted = 0,
           changes = coalesce(json_extract(recipe, '$.changes'), changes), deaths = 0, interruptions = 0, sequence = ?
         WHERE id = ? AND state = 'done'`,
        sequence,
        id,
      ) > 0
    );
  }

  /** The job is to end with the best picture so far, in this attempt or the next. */
  wantStop(id: string): boolean {
    return (
      this.#database.run(
        "UPDATE jobs SET stop_wanted = 1 WHERE id = ? AND state IN ('queued', 'running', 'paused')",
        id,
      ) > 0
    );
  }

  /** Forgets where a result was, after its blob went to make room; what was known about it stays. */
  forgetResult(sha256: string): void {
    this.#database.run("UPDATE jobs SET result_sha256 = NULL WHERE result_sha256 = ?", sha256);
  }

  setSettings(id: string, settings: Settings, changes: readonly SettingsChange[], { sequence }: Stamp): void {
    this.#database.run(
      "UPDATE jobs SET settings = ?, changes = ?, sequence = ? WHERE id = ?",
      JSON.stringify(settings),
      JSON.stringify(changes),
      sequence,
      id,
    );
  }

  /** A checkpoint stands on the disk: the job gets on, whatever became of companions before. */
  checkpointed(id: string, attempt: number, progress: Progress): void {
    this.#database.run(
      "UPDATE jobs SET progress = ?, interruptions = 0 WHERE id = ? AND attempt = ? AND state = 'running'",
      JSON.stringify(progress),
      id,
      attempt,
    );
  }

  remove(id: string): void {
    this.#database.run("DELETE FROM keys WHERE target = ?", id);
    this.#database.run("DELETE FROM jobs WHERE id = ?", id);
  }

  attempts(id: string): { attempt: number; startedAt: number; endedAt: number | null; outcome: string | null }[] {
    const rows = this.#database.all("SELECT * FROM attempts WHERE job = ? ORDER BY attempt", id);
    return rows.map((row) => ({
      attempt: row.attempt as number,
      startedAt: row.started_at as number,
      endedAt: row.ended_at as number | null,
      outcome: row.outcome as string | null,
    }));
  }

  /**
   * The same for every job among `ids` that is not over, in one statement; returns those. The n-th id has the n-th
   * number from `stamp` on.
   */
  #changeAll(ids: readonly string[], { sequence }: Stamp, set: string, ...parameters: SqlValue[]): JobStep[] {
    const rows = this.#database.all(
      // The plus keeps the index by state out of it: the ids lead to the jobs.
      `UPDATE jobs SET ${set}, sequence = ? + wanted.key FROM json_each(?) AS wanted
       WHERE jobs.id = wanted.value AND +state IN ('queued', 'running', 'paused')
       RETURNING ${STEP_COLUMNS}`,
      ...parameters,
      sequence,
      JSON.stringify(ids),
    );
    return rows.map(readStep);
  }

  #endAttempt(id: string, attempt: number, outcome: AttemptOutcome, now: number): void {
    this.#database.run(
      "UPDATE attempts SET ended_at = ?, outcome = ? WHERE job = ? AND attempt = ?",
      now,
      outcome,
      id,
      attempt,
    );
  }
}
