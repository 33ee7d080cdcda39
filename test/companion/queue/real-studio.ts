// A companion with a queue, a worker and the native engine, in real processes; for the tests with real pictures.

import { existsSync } from "node:fs";
import type { JobEvent, JobRequest } from "../../../companion/protocol/jobs.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { request } from "../support/job-service.ts";
import { makePng, sha256 } from "../support/pictures.ts";
import {
  type Running,
  type RunningCompanion,
  startCompanionProcess,
  startWorkerProcess,
  submitTo,
} from "../support/queue-processes.ts";
import { startRedis } from "../support/redis.ts";

const content = makePng(96, 72, (x, y) => [
  (x * 255) / 96,
  (y * 255) / 72,
  128 + 80 * Math.sin(x / 7) * Math.cos(y / 5),
]);
const style = makePng(80, 80, (x, y) => [128 + 120 * Math.sin((x + y) / 3), (x * y) % 256, 255 - 2 * y]);
/** Small, and iterations that take little: what is tried is the way of the job, not the picture. */
const SETTINGS = {
  quality: "fine",
  size: 64,
  minScale: 64,
  styleLayers: ["relu1_1", "relu2_1"],
  contentLayers: ["relu2_2"],
  // L-BFGS ends when it finds nothing better any more.
  optimizer: "adam",
  device: "cpu",
} as const;

export interface RealStudio {
  companion: RunningCompanion;
  workers: Map<string, Running>;
  addWorker(name: string, flags?: string[]): Promise<void>;
  /** Starts a job of about so many iterations; returns its id. */
  begin(firstIterations: number, more?: Partial<Settings>): Promise<string>;
  /** The same with what is said otherwise. */
  beginWith(job: Partial<JobRequest>): Promise<string>;
  stop(): Promise<void>;
}

export async function openRealStudio(): Promise<RealStudio> {
  if (!existsSync("dist/engine-child.js")) throw new Error("Run `npm run build` first.");
  const redis = await startRedis();
  const companion = await startCompanionProcess(redis.url);
  const workers = new Map<string, Running>();
  return {
    companion,
    workers,
    async addWorker(name, flags = []) {
      workers.set(name, await startWorkerProcess(companion, { queue: redis.url, name, flags }));
    },
    begin(firstIterations, more = {}) {
      const job = request(sha256(content), sha256(style), { ...SETTINGS, firstIterations, ...more });
      return submitTo(companion.client, [content, style], job);
    },
    beginWith: (job) =>
      submitTo(companion.client, [content, style], { ...request(sha256(content), sha256(style)), ...job }),
    async stop() {
      await Promise.all([...workers.values()].map((worker) => worker.stop()));
      await companion.stop();
      await redis.stop();
    },
  };
}

export const isAtIteration = (least: number) => (event: JobEvent) =>
  event.type === "progress" && event.progress.totalIteration >= least;
export const isInState = (state: string) => (event: JobEvent) => event.type === "state" && event.state === state;
