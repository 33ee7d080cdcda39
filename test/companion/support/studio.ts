// A companion whose jobs others do, in the test's own process and at a quick pace: what tests of the queue begin with.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { createLog } from "../../../companion/log.ts";
import type { JobRequest } from "../../../companion/protocol/jobs.ts";
import type { Bucket } from "../../../companion/queue/bucket.ts";
import type { Pace } from "../../../companion/queue/pace.ts";
import { openTestService, request, submit, temporaryFolder, upload } from "./job-service.ts";
import { noisePng } from "./pictures.ts";
import type { TestRedis } from "./redis.ts";
import { ScriptedEngine } from "./scripted-engine.ts";
import {
  elsewhereOn,
  type Face,
  openFace,
  QUICK_PACE,
  startWorker,
  type TestWorker,
  type TestWorkerOptions,
} from "./workers.ts";

export type Joined = TestWorker & { engine: ScriptedEngine };

export interface Studio {
  service: LocalJobService;
  face: Face;
  data: string;
  /** Hashes of two pictures that are there. */
  pictures: readonly [string, string];
  submit(more?: Partial<JobRequest>): Promise<string>;
  /** Joins as a worker whose engine the test scripts. */
  join(name: string, about?: Pick<TestWorkerOptions, "version" | "kinds">): Promise<Joined>;
  /** Lines of the companion's log, parsed. */
  log(): Record<string, unknown>[];
  /** Closes companion and face, and opens them again on the same folder and port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface StudioOptions {
  version?: string;
  /** Opens the one of the companion, and one for each worker. */
  bucket?: () => Promise<Bucket>;
  /** Other than the quick one. */
  pace?: Partial<Pace>;
}

export async function openStudio(redis: TestRedis, options: StudioOptions = {}): Promise<Studio> {
  const data = temporaryFolder();
  const logFile = join(data, "test.log");
  const workers: TestWorker[] = [];
  const pace = { ...QUICK_PACE, ...options.pace };

  async function open(ports: readonly number[]): Promise<{ service: LocalJobService; face: Face }> {
    const { version, bucket } = options;
    const more = { version, bucket: (await bucket?.()) ?? null, pace };
    const { elsewhere } = await elsewhereOn(redis.url, data, more);
    const service = await openTestService({ data, elsewhere, engine: new ScriptedEngine(), log: createLog(logFile) });
    return { service, face: await openFace(service, data, ports) };
  }

  async function shut(): Promise<void> {
    await studio.face.stop();
    await studio.service.close();
  }

  const first = await open([0]);
  const pictures = [await upload(first.service, noisePng(1)), await upload(first.service, noisePng(2))] as const;
  const studio: Studio = {
    ...first,
    data,
    pictures,
    submit: async (more = {}) => (await submit(studio.service, { ...request(...pictures), ...more })).id,
    async join(name, about = {}) {
      const engine = new ScriptedEngine();
      const { address, token } = studio.face;
      const worker = await startWorker({
        ...{ url: redis.url, address, token, name, engines: [engine], pace },
        ...(options.version !== undefined && { version: options.version }),
        ...about,
        bucket: (await options.bucket?.()) ?? null,
      });
      workers.push(worker);
      return { ...worker, engine };
    },
    log: () =>
      existsSync(logFile)
        ? readFileSync(logFile, "utf8")
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => JSON.parse(line) as Record<string, unknown>)
        : [],
    async restart() {
      const { port } = studio.face.server;
      await shut();
      Object.assign(studio, await open([port]));
    },
    async close() {
      await Promise.all(workers.map(({ agent }) => agent.close()));
      await shut();
    },
  };
  return studio;
}
