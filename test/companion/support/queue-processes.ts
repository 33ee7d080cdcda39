// A companion with a queue and its workers as people run them: dist/impasto.js in processes of their own, on folders
// of their own; and a client that asks the companion what a panel would.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type CompanionClient, findCompanion } from "../../../companion/client.ts";
import type { Job, JobEvent, JobRequest } from "../../../companion/protocol/jobs.ts";
import { BUNDLE, cliEnvironment } from "../cli/run-cli.ts";
import { newKey, temporaryFolder } from "./job-service.ts";
import { sha256 } from "./pictures.ts";

const STARTS_WITHIN_MS = 60_000;

export interface Running {
  pid: number;
  /** What it printed so far, both streams. */
  readonly printed: string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
}

export interface RunningCompanion extends Running {
  client: CompanionClient;
  home: string;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** `home`: that of one that ran before, to go on with what it left. */
export async function startCompanionProcess(queue: string, home = temporaryFolder()): Promise<RunningCompanion> {
  const companion = start(["serve", "--no-open", "--queue", queue], { IMPASTO_HOME: home });
  const client = await until(companion, () => findCompanion(join(home, "runtime.json")));
  return { ...companion, client, home };
}

export async function startWorkerProcess(
  { client }: RunningCompanion,
  { queue, name, flags = [] }: { queue: string; name: string; flags?: string[] },
): Promise<Running> {
  const { token } = await client.json("pairWorker", { body: { name } });
  const address = `http://127.0.0.1:${client.port}`;
  const more = ["--companion", address, "--name", name, "--devices", "cpu", "--threads", "1", ...flags];
  const worker = start(["worker", "--queue", queue, ...more], {
    IMPASTO_HOME: temporaryFolder(),
    IMPASTO_WORKER_TOKEN: token,
  });
  await until(worker, async () => (worker.printed.includes(`Worker ${name} takes`) ? true : null));
  return worker;
}

function start(args: readonly string[], env: Record<string, string>): Running {
  const child = spawn(process.execPath, [BUNDLE, ...args], { env: cliEnvironment(env), stdio: "pipe" });
  running.add(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (printed += data));
  const ended = once(child, "exit");
  void ended.then(() => running.delete(child));
  return {
    pid: child.pid ?? 0,
    get printed() {
      return printed;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
      return child.exitCode;
    },
  };
}

async function until<T>(process: Running, look: () => Promise<T | null>): Promise<T> {
  const end = Date.now() + STARTS_WITHIN_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error(`A process did not start: ${process.printed}`);
    await sleep(50);
  }
}

/** Sends pictures and starts the job. */
export async function submitTo(client: CompanionClient, pictures: Buffer[], job: JobRequest): Promise<string> {
  for (const bytes of pictures) await client.send("blobPut", { params: { sha256: sha256(bytes) }, body: bytes });
  const { idempotencyKey } = newKey();
  return (await client.json("jobSubmit", { body: job, idempotencyKey })).id;
}

/** Everything that is told of a job, and the job each time something was told; ends when `done` says so. */
export async function watchUntil(
  client: CompanionClient,
  id: string,
  done: (event: JobEvent) => boolean,
  after = 0,
): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  const abort = new AbortController();
  const query = { after: String(after) };
  try {
    for await (const line of client.lines("jobEvents", { params: { id }, query, signal: abort.signal })) {
      if (line.type === "heartbeat") continue;
      events.push(line);
      if (done(line)) return events;
    }
  } finally {
    abort.abort();
  }
  throw new Error(`The job's events ended at ${JSON.stringify(events.at(-1))}.`);
}

export function jobOf(client: CompanionClient, id: string): Promise<Job> {
  return client.json("job", { params: { id } });
}
