// A job as the ledger keeps it, and the two ways it is read: whole, for the queue, and as the wire shows it.

import type { ErrorBody } from "../protocol/errors.ts";
import type { Progress } from "../protocol/engine.ts";
import type { JobState, PauseReason } from "../protocol/job-states.ts";
import type { Job, JobRequest, JobResult } from "../protocol/jobs.ts";
import type { Recipe, SettingsChange } from "../protocol/recipe.ts";
import type { Settings } from "../protocol/settings.ts";
import type { Row } from "../storage/database.ts";

export interface JobRecord extends Omit<Job, "attempts"> {
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
}

/** Reads one row of `jobs`; the texts in it were written by this program after they had been checked. */
export function readJob(row: Row): JobRecord {
  const batch = row.batch as string | null;
  return {
    id: row.id as string,
    owner: row.owner as string,
    batch: batch === null ? null : { id: batch, frame: row.frame as number },
    detached: row.detached === 1,
    state: row.state as JobState,
    pauseReason: row.pause_reason as PauseReason | null,
    request: parse<JobRequest>(row.request),
    settings: parse<Settings>(row.settings),
    changes: parse<SettingsChange[]>(row.changes),
    attempt: row.attempt as number,
    deaths: row.deaths as number,
    interruptions: row.interruptions as number,
    stopWanted: row.stop_wanted === 1,
    hasResult: row.result_sha256 !== null,
    onCpu: row.on_cpu === 1,
    createdAt: row.created_at as number,
    startedAt: row.started_at as number | null,
    finishedAt: row.finished_at as number | null,
    progress: parseOrNull<Progress>(row.progress),
    result: parseOrNull<JobResult>(row.result),
    recipe: parseOrNull<Recipe>(row.recipe),
    error: parseOrNull<ErrorBody>(row.error),
    sequence: row.sequence as number,
  };
}

/** What everybody may see. */
export function toJob(record: JobRecord): Job {
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
    batch: record.batch,
    attempts: record.attempt,
    progress: record.progress,
    result: record.result,
    recipe: record.recipe,
    error: record.error,
    sequence: record.sequence,
  };
}

/** Hashes of all pictures that a request names, each once. */
export function inputsOf(request: JobRequest): string[] {
  const pictures = [request.content, ...request.styles, ...(request.initial === undefined ? [] : [request.initial])];
  return [...new Set(pictures.map(({ sha256 }) => sha256))];
}

function parse<T>(text: unknown): T {
  return JSON.parse(text as string) as T;
}

function parseOrNull<T>(text: unknown): T | null {
  return text === null ? null : parse<T>(text);
}
