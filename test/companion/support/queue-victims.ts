// What the kill loop kills where jobs are done elsewhere: the companion, Redis, workers and their engines, and what
// Redis holds. All but the companion begin anew at once; it does when the driver needs it.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openTokenStore } from "../../../companion/pairing/token-store.ts";
import { dataPaths, ensurePrivateFolder } from "../../../companion/storage/data-folder.ts";
import type { Target, Victims } from "./kill-driver.ts";
import { freePort, startRedis } from "./redis.ts";

const WORKERS = 2;
const MAX_LIFE_MS = 700;

interface Worker {
  process: ChildProcess;
  child: number | undefined;
}

export interface QueueVictims extends Victims {
  /** Ends them for good. */
  end(): Promise<void>;
}

/** `data`: of the companion; what workers leave behind goes below it. */
export async function startQueueVictims(options: {
  data: string;
  workerPath: string;
  childPath: string;
  random: () => number;
}): Promise<QueueVictims> {
  const { data, workerPath, childPath, random } = options;
  const redis = await startRedis({ durable: true });
  ensurePrivateFolder(data);
  const { token } = openTokenStore(dataPaths(data).pairings).issue({ host: "worker", name: "Worker", scope: "work" });
  const port = await freePort();
  const left = join(data, "left-by-workers");
  mkdirSync(left);
  const workers = Array.from({ length: WORKERS }, (_, index) => begin(index));

  function begin(index: number): Worker {
    const address = `http://127.0.0.1:${port}`;
    const args = [redis.url, address, token, `worker ${index + 1}`, childPath, join(left, `cache-${index}`)];
    const process = fork(workerPath, args, {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: [],
      env: { ...globalThis.process.env, TMPDIR: left },
    });
    const worker: Worker = { process, child: undefined };
    process.on("message", (message) => {
      worker.child = (message as { child?: number }).child;
    });
    return worker;
  }

  async function killWorker(index: number): Promise<void> {
    const worker = workers[index];
    if (worker === undefined) return;
    const gone = once(worker.process, "exit");
    worker.process.kill("SIGKILL");
    await gone;
    workers[index] = begin(index);
  }

  function killEngine(): void {
    const child = workers[Math.floor(random() * WORKERS)]?.child;
    if (child === undefined) return;
    try {
      process.kill(child, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }

  async function killRedis(): Promise<void> {
    await redis.kill();
    await redis.restart();
  }

  const acts: Record<string, (target: Target) => Promise<void> | void> = {
    companion: (target) => target.kill(),
    redis: killRedis,
    worker: () => killWorker(Math.floor(random() * WORKERS)),
    engine: killEngine,
    workers: async () => void (await Promise.all(workers.map((_, index) => killWorker(index)))),
    emptied: () => redis.flush(),
    all: async (target) => {
      await target.kill();
      await killRedis();
      await Promise.all(workers.map((_, index) => killWorker(index)));
    },
  };
  return {
    kinds: Object.keys(acts),
    maxLifeMs: MAX_LIFE_MS,
    targetArguments: [redis.url, String(port)],
    kill: async (kind, target) => acts[kind]?.(target),
    async end() {
      const gone = workers.map(({ process }) => once(process, "exit"));
      for (const { process } of workers) process.kill("SIGKILL");
      await Promise.all(gone);
      await redis.stop();
    },
  };
}
