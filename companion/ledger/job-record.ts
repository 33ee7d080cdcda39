// A job as the ledger keeps it, and the two ways it is read: whole, for the queue, and as the wire shows it.

import type { ErrorBody } from "../protocol/errors.ts";
import type { JobState, PauseReason } from "../protocol/job-states.ts";
import type { Job, JobRequest, JobResult } from "../protocol/jobs.ts";
import type { Progress } from "../protocol/progress.ts";
import { type Recipe, type SettingsChange, upgradeRecipe } from "../protocol/recipe.ts";
import { picturesOf } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import { DEFAULT_SETTINGS, type Settings } from "../protocol/settings.ts";
import type { Row } from "../storage/database.ts";

/** Who has a job that is carried out elsewhere. */
export interface Lease {
  /** Of one worker process. */
  worker: string;
  /** For people. */
  name: string;
  /** What it showed: id of its pairing. */
  pairing: string;
  /** What it was taken from: an entry of the queue, and how often that entry had been taken. */
  entry: string;
  start: number;
}

export interface JobRecord extends Omit<Job, "attempts" | "worker" | "batch"> {
  batch: { id: string; frame: number } | null;
  owner: string;
  detached: boolean;
  /** Number of the attempt in work or last made, from 1; the fence that a late outcome fails at. */
  attempt: number;
  /** Children that died while they had this job. */
  deaths: number;
  /** Companions that ended while they had this job, since its last checkpoint. */
  interruptions: number;
  /** To be ended at once with the best picture so far. */
  stopWanted: boolean;
  /** False when there is none, and after it was removed to make room. */
  hasResult: boolean;
  /** A device failed it: the CPU does it now. */
  onCpu: boolean;
  /** Of the attempt in work or last made; null when that is this process's. */
  lease: Lease | null;
}

/** What is told of a job when its state changes: little, as thousands may change at a time. */
export type JobStep = Pick<
  JobRecord,
  "id" | "batch" | "state" | "pauseReason" | "attempt" | "result" | "error" | "sequence"
>;

/** What is looked at many times in each job's life: all but what was asked for and how often it went wrong. */
export type JobCourse = JobStep &
  Pick<JobRecord, "detached" | "changes" | "deaths" | "stopWanted" | "onCpu" | "lease" | "recipe">;

/** A job that is another machine's. */
export type LeasedJob = Pick<JobRecord, "id" | "attempt"> & { lease: Lease };

export const STEP_COLUMNS = "id, batch, frame, state, pause_reason, attempt, result, error, sequence";
export const COURSE_COLUMNS = `${STEP_COLUMNS}, detached, changes, deaths, stop_wanted, on_cpu, lease, recipe`;

/** Reads STEP_COLUMNS of a row of `jobs`. */
export function readStep(row: Row): JobStep {
  const batch = row.batch as string | null;
  return {
    id: row.id as string,
    batch: batch === null ? null : { id: batch, frame: row.frame as number },
    state: row.state as JobState,
    pauseReason: row.pause_reason as PauseReason | null,
    attempt: row.attempt as number,
    result: parseOrNull<JobResult>(row.result),
    error: parseOrNull<ErrorBody>(row.error),
    sequence: row.sequence as number,
  };
}

/** Reads id, attempt and lease of a row of `jobs` that has one. */
export function readLeased(row: Row): LeasedJob {
  return { id: row.id as string, attempt: row.attempt as number, lease: parse<Lease>(row.lease) };
}

/** Reads COURSE_COLUMNS of a row of `jobs`. */
export function readCourse(row: Row): JobCourse {
  return {
    ...readStep(row),
    detached: row.detached === 1,
    changes: parse<SettingsChange[]>(row.changes),
    deaths: row.deaths as number,
    stopWanted: row.stop_wanted === 1,
    onCpu: row.on_cpu === 1,
    lease: parseOrNull<Lease>(row.lease),
    recipe: upgradeRecipe(parseOrNull<Recipe>(row.recipe)) as Recipe | null,
  };
}

/** Reads one row of `jobs`; the texts in it were written by this program after they had been checked. */
export function readJob(row: Row): JobRecord {
  return {
    ...readCourse(row),
    owner: row.owner as string,
    request: parse<JobRequest>(row.request),
    // Settings that came later are at what they were when there was no choice.
    settings: { ...DEFAULT_SETTINGS, ...parse<Settings>(row.settings) },
    interruptions: row.interruptions as number,
    hasResult: row.result_sha256 !== null,
    createdAt: row.created_at as number,
    startedAt: row.started_at as number | null,
    finishedAt: row.finished_at as number | null,
    progress: parseOrNull<Progress>(row.progress),
  };
}

/** What everybody may see; `doneOf`: how many frames of a batch are done. */
export function toJob(record: JobRecord, doneOf: (batch: string) => number): Job {
  return {
    id: record.id,
    state: record.state,
    pauseReason: record.pauseReason,
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
    request: record.request,
    settings: record.settings,
    changes: record.changes,
    batch: record.batch === null ? null : { ...record.batch, done: doneOf(record.batch.id) },
    attempts: record.attempt,
    progress: record.progress,
    result: record.result,
    recipe: record.recipe,
    error: record.error,
    sequence: record.sequence,
    ...(record.lease !== null && record.state !== "queued" && { worker: record.lease.name }),
  };
}

/** Hashes of all pictures that a request names, each once. */
export function inputsOf(request: JobRequest): string[] {
  return [...new Set(picturesOf<PictureRef>(request).map(({ picture }) => picture.sha256))];
}

function parse<T>(text: unknown): T {
  return JSON.parse(text as string) as T;
}

function parseOrNull<T>(text: unknown): T | null {
  return text === null ? null : parse<T>(text);
}
