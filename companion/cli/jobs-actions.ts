// What the commands of `impasto jobs` do.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { JobFilter } from "../job-service.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { isFinal, JOB_STATES, type JobState } from "../protocol/job-states.ts";
import type { Job } from "../protocol/jobs.ts";
import type { Progress } from "../protocol/progress.ts";
import { EXIT } from "./exit-codes.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import { type JobAccess, openJobAccess } from "./job-access.ts";
import { printableName } from "./printable.ts";
import { openStatusLine } from "./status-line.ts";
import { type OutputOptions, openTerminal } from "./terminal.ts";

export interface ListFlags extends OutputOptions {
  state?: string;
  limit: string;
}
export interface CleanFlags extends OutputOptions {
  all?: boolean;
  olderThan: string;
}

const SHORT_ID = 8;
const POLL_MS = 300;
/** Jobs that are asked for at a time: more would hold up the companion's other work. */
const PAGE = 500;
const MAX_WHOLE = 1_000_000;
const DAY_MS = 86_400_000;

export async function listJobs(flags: ListFlags): Promise<void> {
  const terminal = openTerminal(flags);
  const limit = parseWhole(flags.limit, "--limit", 1);
  const state = flags.state === undefined ? undefined : parseState(flags.state);
  const jobs = await withJobs({ work: false }, (access) =>
    listAll(access, { limit, ...(state !== undefined && { state }) }),
  );
  terminal.json({ jobs });
  if (jobs.length === 0) terminal.result("There are no jobs.");
  for (const job of jobs) terminal.result(lineOf(job));
}

export async function showJob(id: string, flags: OutputOptions): Promise<void> {
  const terminal = openTerminal(flags);
  const job = await withJobs({ work: false }, async (access) => await find(access, id));
  terminal.json(job);
  terminal.result(lineOf(job));
  terminal.result(`  id        ${job.id}`);
  terminal.result(`  content   ${nameOf(job.request.content)}`);
  for (const { picture } of job.request.styles) terminal.result(`  style     ${nameOf(picture)}`);
  if (job.batch !== null) terminal.result(`  batch     ${job.batch.id}, frame ${job.batch.frame}`);
  terminal.result(`  attempts  ${job.attempts}`);
  if (job.worker !== undefined) terminal.result(`  worker    ${printableName(job.worker)}`);
  const { result, error, recipe } = job;
  if (result !== null) {
    const work = `${result.iterations} iterations in ${formatSeconds(result.seconds)} on ${result.device}`;
    terminal.result(`  result    ${result.width} × ${result.height} px, ${formatBytes(result.bytes)}, ${work}`);
  }
  if (recipe?.network !== undefined) terminal.result(`  network   ${recipe.network.name}`);
  if (recipe?.model !== undefined) terminal.result(`  model     ${recipe.model.name}`);
  if (error !== null) terminal.result(`  error     ${[error.message, error.hint].filter(Boolean).join(" ")}`);
  terminal.detail(`settings: ${JSON.stringify(job.settings)}`);
  terminal.detail(`changes: ${JSON.stringify(job.changes)}`);
}

export async function cancelJobs(ids: string[], flags: OutputOptions & { all?: boolean }): Promise<void> {
  const terminal = openTerminal(flags);
  if (ids.length === 0 && !flags.all) {
    throw new ImpastoError("bad-request", "Say which job to cancel.", {
      hint: "Give ids from `impasto jobs list`, or --all.",
    });
  }
  const cancelled = await withJobs({ work: false }, async (access) => {
    const jobs = flags.all ? await listAll(access) : await findAll(access, ids);
    const done: string[] = [];
    for (const { id, state } of jobs) {
      if (!isFinal(state) && (await access.cancel(id)).state === "cancelled") done.push(id);
    }
    return done;
  });
  terminal.json({ cancelled });
  const over = ids.length - cancelled.length;
  const rest = over > 0 ? ` ${over} ${over === 1 ? "was" : "were"} over already.` : "";
  terminal.done(`Cancelled ${cancelled.length} ${cancelled.length === 1 ? "job" : "jobs"}.${rest}`);
}

export async function rerunJobs(ids: string[], flags: OutputOptions): Promise<void> {
  const terminal = openTerminal(flags);
  const status = openStatusLine(process.stderr, flags.quiet ?? false);
  const jobs = await withJobs({ work: true }, async (access) => {
    const again: Job[] = [];
    for (const job of await findAll(access, ids)) again.push(await submitAgain(access, job));
    return await Promise.all(again.map((job) => followJob(access, job, (text) => status.update(text, false))));
  });
  status.end();
  terminal.json({ jobs });
  for (const job of jobs) terminal.result(lineOf(job));
  if (jobs.some(({ state }) => state !== "done")) process.exitCode = EXIT.failed;
}

export async function cleanJobs(flags: CleanFlags): Promise<void> {
  const terminal = openTerminal(flags);
  const before = Date.now() - parseWhole(flags.olderThan, "--older-than") * DAY_MS;
  const removed = await withJobs({ work: false }, async (access) => {
    const over = (await listAll(access)).filter(({ state }) => isFinal(state));
    const goes = ({ state, finishedAt }: Job): boolean =>
      flags.all === true || state !== "done" || (finishedAt ?? 0) < before;
    const alone = over.filter((job) => job.batch === null && goes(job));
    for (const { id } of alone) await access.remove(id);
    let count = alone.length;
    for (const id of new Set(over.flatMap(({ batch }) => batch?.id ?? []))) {
      const batch = await access.getBatch(id);
      if (batch.state !== "done" && batch.state !== "cancelled") continue;
      if (!flags.all && (batch.finishedAt ?? 0) >= before) continue;
      await access.removeBatch(id);
      count += batch.frames.length;
    }
    return count;
  });
  terminal.json({ removed });
  terminal.done(`Removed ${removed} ${removed === 1 ? "job" : "jobs"}.`);
}

async function withJobs<T>(options: { work: boolean }, action: (access: JobAccess) => Promise<T>): Promise<T> {
  const access = await openJobAccess(options);
  try {
    return await action(access);
  } finally {
    await access.close();
  }
}

/** Newest first. */
async function listAll(
  access: JobAccess,
  { limit, ...filter }: JobFilter = { limit: Number.POSITIVE_INFINITY },
): Promise<Job[]> {
  const jobs: Job[] = [];
  for (;;) {
    const last = jobs.at(-1);
    const wanted = Math.min(PAGE, limit - jobs.length);
    const page = await access.list({ ...filter, limit: wanted, ...(last !== undefined && { before: last.id }) });
    jobs.push(...page);
    if (page.length < wanted || jobs.length >= limit) return jobs;
  }
}

async function submitAgain(access: JobAccess, { id, request }: Job): Promise<Job> {
  try {
    return await access.submit({ ...request, detached: true }, randomBytes(16).toString("hex"));
  } catch (error) {
    // Its hint is for programs, which have the pictures.
    if (!(error instanceof ImpastoError) || error.code !== "not-found") throw error;
    throw new ImpastoError("not-found", `The pictures of job ${id.slice(0, SHORT_ID)} are no longer kept.`, {
      hint: "Start it again from the files themselves.",
      cause: error,
    });
  }
}

async function followJob(access: JobAccess, { id }: Job, tell: (text: string) => void): Promise<Job> {
  for (;;) {
    const job = await access.get(id);
    if (isFinal(job.state)) return job;
    const { progress } = job;
    if (progress !== null) {
      tell(`${id.slice(0, SHORT_ID)}  ${shareOf(progress)}, ${formatSeconds(progress.secondsLeft)} left`);
    }
    await sleep(POLL_MS);
  }
}

async function findAll(access: JobAccess, ids: readonly string[]): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const id of ids) jobs.push(await find(access, id));
  return jobs;
}

/** By the whole id, or by how it begins when that is one job only. */
async function find(access: JobAccess, id: string): Promise<Job> {
  if (/^[0-9a-f]{32}$/.test(id)) return await access.get(id);
  const jobs = await listAll(access);
  const [job, ...others] = jobs.filter((candidate) => candidate.id.startsWith(id.toLowerCase()));
  if (job === undefined || id === "") {
    throw new ImpastoError("not-found", `There is no job ${id}.`, { hint: "See `impasto jobs list`." });
  }
  if (others.length === 0) return job;
  throw new ImpastoError("bad-request", `${others.length + 1} jobs begin with ${id}.`, {
    hint: "Give more of the id.",
  });
}

/** "3f2a81bc  done       tuebingen.jpg + starry-night.jpg  512 × 384 px  21.11.2026, 06:20" */
function lineOf(job: Job): string {
  const pictures = [job.request.content, ...job.request.styles.map(({ picture }) => picture)].map(nameOf).join(" + ");
  const size = job.result === null ? "" : `  ${job.result.width} × ${job.result.height} px`;
  const when = new Date(job.finishedAt ?? job.createdAt).toLocaleString();
  const where = job.worker === undefined ? "" : `  on ${printableName(job.worker)}`;
  return `${job.id.slice(0, SHORT_ID)}  ${stateOf(job).padEnd(9)}  ${pictures}${size}  ${when}${where}`;
}

/** "running 40 %", "paused (user)" */
function stateOf({ state, pauseReason, progress }: Job): string {
  if (state === "paused") return `paused (${pauseReason})`;
  return state === "running" && progress !== null ? `running ${shareOf(progress)}` : state;
}

function shareOf({ fraction }: Progress): string {
  return `${Math.floor(100 * fraction)} %`;
}

function nameOf({ name, sha256 }: { name?: string; sha256: string }): string {
  return name === undefined ? sha256.slice(0, SHORT_ID) : printableName(name);
}

function parseState(text: string): JobState {
  const state = JOB_STATES.find((known) => known === text);
  if (state !== undefined) return state;
  throw new ImpastoError("bad-request", `Expected one of ${JOB_STATES.join(", ")} for --state but received ${text}.`);
}

function parseWhole(text: string, flag: string, least = 0): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= MAX_WHOLE) return number;
  throw new ImpastoError(
    "bad-request",
    `Expected a whole number from ${least} to ${MAX_WHOLE} for ${flag} but received ${text}.`,
  );
}
