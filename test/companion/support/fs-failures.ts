// One job after another, each with another file operation that fails: in the companion, then in its child.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { isFinal } from "../../../companion/protocol/job-states.ts";
import type { Job } from "../../../companion/protocol/jobs.ts";
import { FAILURES, type Failure, type FailureOrder, failingFileSystem } from "./file-systems.ts";
import { newKey, openTestService, reached, readAll, request, temporaryFolder, upload } from "./job-service.ts";
import { noisePng, sha256 } from "./pictures.ts";

export interface FailureReport {
  /** Operations of one job that were made to fail, in the companion and in the child. */
  companionCalls: number;
  childCalls: number;
  scenarios: number;
  done: number;
  pausedThenDone: number;
  failed: number;
  /** What the user was told, by code. */
  told: Record<string, number>;
  lost: number;
  wrong: number;
}

/** Which failures are tried for call number `n`. */
export type Choose = (n: number) => readonly Failure[];

export const everyFailure: Choose = () => FAILURES;
/** One for each call, in turn. */
export const oneFailure: Choose = (n) => [FAILURES[n % FAILURES.length] ?? "EIO"];

export async function failEachCall(childPath: string, choose: Choose): Promise<FailureReport> {
  const data = temporaryFolder();
  const orders = join(data, "failures.json");
  process.env.IMPASTO_TEST_FAILURES = orders;
  const fileSystem = failingFileSystem();
  const service = await openTestService({ data, childPath, fileSystem });
  const report: FailureReport = {
    companionCalls: 0,
    childCalls: 0,
    scenarios: 0,
    done: 0,
    pausedThenDone: 0,
    failed: 0,
    told: {},
    lost: 0,
    wrong: 0,
  };
  const accepted: string[] = [];
  const note = (error: unknown): void => {
    if (!(error instanceof ImpastoError)) throw error;
    report.told[error.code] = (report.told[error.code] ?? 0) + 1;
  };

  /** As a client would: sends again what was refused. */
  async function persist<T>(action: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await action();
      } catch (error) {
        note(error);
        if (attempt === 3) throw error;
      }
    }
  }

  async function oneJob(seed: number): Promise<void> {
    const content = await persist(() => upload(service, noisePng(seed, 32)));
    const style = await persist(() => upload(service, noisePng(seed + 1, 32)));
    const key = newKey();
    const order = request(content, style, { iterations: 55, strength: seed % 100, stepSize: 0.00001 });
    const { job } = await persist(() => service.submit(order, key));
    accepted.push(job.id);
    const settled = await reached(service, job.id, ({ state }) => isFinal(state) || state === "paused");
    await conclude(settled);
  }

  async function conclude(job: Job): Promise<void> {
    report.scenarios += 1;
    fileSystem.disarm();
    if (job.state === "paused") {
      if (job.pauseReason !== "disk-full") report.wrong += 1;
      await service.change(job.id, { action: "resume" });
      const done = await reached(service, job.id, ({ state }) => isFinal(state));
      if (done.state === "done") report.pausedThenDone += 1;
      else report.wrong += 1;
      return;
    }
    if (job.state === "done") report.done += 1;
    else if (job.state === "failed" && job.error !== null) {
      report.failed += 1;
      report.told[job.error.code] = (report.told[job.error.code] ?? 0) + 1;
    } else report.wrong += 1;
  }

  let seed = 1;
  for (let n = 1; n <= report.companionCalls + 3; n++) {
    let more = false;
    for (const failure of choose(n)) {
      seed += 2;
      fileSystem.arm(n, failure);
      await oneJob(seed);
      more ||= fileSystem.failed();
    }
    if (more) report.companionCalls = n;
  }
  // Previews come when they come: the count ends when none of three numbers in a row was reached.
  for (let n = 1; n <= report.childCalls + 3; n++) {
    let more = false;
    for (const failure of choose(n)) {
      seed += 2;
      const order: FailureOrder = { token: seed, n, failure };
      writeFileSync(orders, JSON.stringify(order));
      await oneJob(seed);
      more ||= existsSync(`${orders}.failed`) && readFileSync(`${orders}.failed`, "utf8") === String(seed);
    }
    if (more) report.childCalls = n;
  }
  writeFileSync(orders, "");
  await service.close();

  const reopened = await openTestService({ data, childPath });
  for (const id of accepted) {
    try {
      const job = reopened.get(id);
      if (job.state !== "done") continue;
      const bytes = await readAll((await reopened.result(id)).stream);
      if (sha256(bytes) !== job.result?.sha256) report.wrong += 1;
    } catch {
      report.lost += 1;
    }
  }
  await reopened.close();
  delete process.env.IMPASTO_TEST_FAILURES;
  return report;
}
