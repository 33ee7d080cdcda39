// Kills companions at random moments and keeps, outside of them, a log of what they promised. At the end every
// promise is held against what is on the disk.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openLedger } from "../../../companion/ledger/ledger.ts";
import type { JobRequest } from "../../../companion/protocol/jobs.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { dataPaths } from "../../../companion/storage/data-folder.ts";
import { seeded } from "../server/seeded.ts";
import { request } from "./job-service.ts";
import type { FromTarget, ToTarget } from "./kill-target.ts";
import { noisePng, sha256 } from "./pictures.ts";

export interface KillReport extends Audit {
  cycles: number;
  kills: Record<string, number>;
  /** Submissions that died without an answer and were sent again. */
  ambiguous: number;
}

/** What became of jobs that were promised. */
export interface Audit {
  acknowledged: number;
  done: number;
  /** Given up as the rules say, because their children were killed three times. */
  givenUp: number;
  lost: number;
  /** Still there, but not at their end when the time for that was up; by state. */
  unfinished: Record<string, number>;
  duplicated: number;
  badHashes: number;
  /** Attempts that ended without an outcome of their own, and were taken up again. */
  interrupted: number;
}

interface Promise_ {
  key: string;
  id: string | null;
  /** As last seen. */
  state: string | null;
  /** Hash of the result once it was seen done. */
  result: string | null;
}

/** Who is killed, and how: a companion that works alone, or one with its queue and workers. */
export interface Victims {
  kinds: readonly string[];
  /** Companions live up to so long before something is killed. */
  maxLifeMs: number;
  /** Arguments of the companion beside its folder and its child's module. */
  targetArguments: readonly string[];
  /** Resolves when it is dead and, but for the companion, begins anew. */
  kill(kind: string, target: Target): Promise<void>;
}

/** Settings of the n-th job of a cycle: how long it takes, and that its result is its own. */
export type JobSettings = (cycle: number, n: number) => Partial<Settings>;

const ALONE: Victims = {
  kinds: ["server", "child", "both"],
  maxLifeMs: 120,
  targetArguments: [],
  async kill(kind, target) {
    if (kind !== "server") target.killChild();
    if (kind !== "child") await target.kill();
  },
};

const JOBS_PER_CYCLE = 3;
/** Ends a test that hangs: a busy machine takes a while for what 300 cycles have left. */
const FINISH_TIMEOUT_MS = 900_000;

export async function killAtRandom(options: {
  cycles: number;
  seed: number;
  targetPath: string;
  childPath: string;
  data: string;
  victims?: Victims;
  settingsOf?: JobSettings;
}): Promise<KillReport> {
  const { cycles, seed, data, victims = ALONE, settingsOf = briefly } = options;
  const requestOf = (key: string) => requestFor(key, hashes, settingsOf);
  const random = seeded(seed);
  const witness = new Map<string, Promise_>();
  const report: KillReport = {
    cycles,
    kills: Object.fromEntries(victims.kinds.map((kind) => [kind, 0])),
    ambiguous: 0,
    ...emptyAudit(),
  };
  const pictures = [1, 2, 3].map((n) => noisePng(n, 32));
  const hashes = pictures.map(sha256);
  let target: Target | null = null;

  for (let cycle = 0; cycle < cycles; cycle++) {
    if (target === null) {
      target = await Target.start({ ...options, victims }, witness, report);
      await target.upload(pictures);
      for (const { key, id } of witness.values()) {
        if (id !== null) continue;
        report.ambiguous += 1;
        target.send({ type: "submit", key, request: requestOf(key) });
      }
      for (const { id } of witness.values()) if (id !== null && random() < 0.2) target.send({ type: "inspect", id });
    }
    for (let i = 0; i < JOBS_PER_CYCLE; i++) {
      const key = `key-${cycle}-${i}-00000`;
      witness.set(key, { key, id: null, state: null, result: null });
      target.send({ type: "submit", key, request: requestOf(key) });
    }
    await target.sleep(2 + random() * victims.maxLifeMs);
    const kind = victims.kinds[Math.floor(random() * victims.kinds.length)] ?? "";
    report.kills[kind] = (report.kills[kind] ?? 0) + 1;
    await victims.kill(kind, target);
    if (target.isDead) target = null;
  }

  target ??= await Target.start({ ...options, victims }, witness, report);
  await target.upload(pictures);
  await finishAll(target, witness, requestOf);
  await target.close();
  audit(data, witness.values(), report);
  return report;
}

export function emptyAudit(): Audit {
  return {
    ...{ acknowledged: 0, done: 0, givenUp: 0, lost: 0, unfinished: {} },
    ...{ duplicated: 0, badHashes: 0, interrupted: 0 },
  };
}

function requestFor(key: string, hashes: readonly string[], settingsOf: JobSettings) {
  const [cycle = 0, n = 0] = key.split("-").slice(1).map(Number);
  const content = hashes[cycle % hashes.length] ?? "";
  const style = hashes[(cycle + n + 1) % hashes.length] ?? "";
  return request(content, style, settingsOf(cycle, n));
}

function briefly(cycle: number, n: number): Partial<Settings> {
  return { iterations: 4 + ((cycle * 7 + n * 3) % 12), strength: (cycle + n) % 100 };
}

export class Target {
  readonly #process: ChildProcess;
  /** Rejects when the companion ends without having been told to. */
  readonly #unexpected: Promise<never>;
  #child: number | undefined;
  #ending = false;

  static async start(
    options: { targetPath: string; childPath: string; data: string; victims: Victims },
    witness: Map<string, Promise_>,
    report: KillReport,
  ): Promise<Target> {
    const { targetPath, childPath, data, victims } = options;
    const process = fork(targetPath, [data, childPath, ...victims.targetArguments], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: [],
    });
    const target = new Target(process);
    const ready = new Promise<void>((resolve) => {
      process.on("message", (message: FromTarget) => {
        if (message.type === "ready") resolve();
        target.#hear(message, witness, report);
      });
    });
    await Promise.race([ready, target.#unexpected]);
    return target;
  }

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#unexpected = new Promise((_, reject) => {
      process.once("exit", (code, signal) => {
        if (!this.#ending) reject(new Error(`the companion ended by itself: ${signal ?? code}`));
      });
    });
    this.#unexpected.catch(() => undefined);
  }

  get isDead(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Rejects when the companion has ended by itself meanwhile. */
  async sleep(ms: number): Promise<void> {
    await Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), this.#unexpected]);
  }

  send(message: ToTarget): void {
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  /** Returns when all are on the disk. */
  async upload(pictures: readonly Buffer[]): Promise<void> {
    for (const bytes of pictures) {
      const answered = new Promise<void>((resolve) => {
        const hear = (message: FromTarget) => {
          if (message.type !== "uploaded") return;
          this.#process.off("message", hear);
          resolve();
        };
        this.#process.on("message", hear);
      });
      this.send({ type: "upload", bytes });
      await Promise.race([answered, this.#unexpected]);
    }
  }

  killChild(): void {
    if (this.#child === undefined) return;
    try {
      process.kill(this.#child, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }

  async kill(): Promise<void> {
    this.#ending = true;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }

  async close(): Promise<void> {
    this.#ending = true;
    const exit = once(this.#process, "exit");
    this.send({ type: "close" });
    await exit;
  }

  #hear(message: FromTarget, witness: Map<string, Promise_>, report: KillReport): void {
    switch (message.type) {
      case "ready":
      case "uploaded":
        break;
      case "child":
        this.#child = message.pid;
        break;
      case "submitted": {
        const promise = witness.get(message.key);
        if (promise === undefined) break;
        if (promise.id !== null && promise.id !== message.id) report.duplicated += 1;
        promise.id = message.id;
        break;
      }
      case "inspected": {
        const promise = [...witness.values()].find(({ id }) => id === message.id);
        if (promise === undefined) break;
        // What was done once stays done, with the same result.
        if (promise.result !== null && promise.result !== message.result) report.badHashes += 1;
        promise.state = message.state;
        promise.result = message.result ?? promise.result;
      }
    }
  }
}

/** Sends what is still unanswered and waits until every job is at its end. */
async function finishAll(
  target: Target,
  witness: Map<string, Promise_>,
  requestOf: (key: string) => JobRequest,
): Promise<void> {
  const end = Date.now() + FINISH_TIMEOUT_MS;
  const open = () => [...witness.values()].filter(({ state }) => state !== "done" && state !== "failed");
  while (Date.now() < end && open().length > 0) {
    for (const { key, id } of open()) {
      if (id === null) target.send({ type: "submit", key, request: requestOf(key) });
      else target.send({ type: "inspect", id });
    }
    await target.sleep(500);
  }
}

/** Reads the ledger and the blobs themselves, and believes nothing else. */
export function audit(data: string, promised: Iterable<Pick<Promise_, "key" | "id" | "result">>, report: Audit): void {
  const paths = dataPaths(data);
  const ledger = openLedger(paths.ledger);
  const jobs = new Map(ledger.jobs.list({ limit: 1_000_000 }).map((job) => [job.id, job]));
  const owners = new Map<string, string>();
  for (const { key, id, result } of promised) {
    const job = id === null ? undefined : jobs.get(id);
    if (id === null || job === undefined) {
      report.lost += 1;
      continue;
    }
    report.acknowledged += 1;
    if (owners.has(id)) report.duplicated += 1;
    owners.set(id, key);
    const attempts = ledger.jobs.attempts(id);
    report.interrupted += attempts.filter(({ outcome }) => outcome === "interrupted" || outcome === "died").length;
    if (attempts.filter(({ outcome }) => outcome === "done").length > 1) report.duplicated += 1;
    if (job.state === "failed" && job.error?.code === "engine-crashed" && job.deaths >= 2) {
      report.givenUp += 1;
    } else if (job.state === "failed" || job.state === "cancelled") {
      report.lost += 1;
    } else if (job.state !== "done") {
      report.unfinished[job.state] = (report.unfinished[job.state] ?? 0) + 1;
    } else {
      report.done += 1;
      const sha = job.result?.sha256 ?? "";
      const blob = join(paths.blobs, sha.slice(0, 2), sha);
      const right = existsSync(blob) && sha256(readFileSync(blob)) === sha;
      if (!right || (result !== null && result !== sha)) report.badHashes += 1;
    }
  }
  // A job that nobody asked for would be a duplicate too.
  report.duplicated += jobs.size - owners.size;
  ledger.close();
}
