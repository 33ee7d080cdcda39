// Workers by simulation: engines that sleep, everything else as it is. What a frame costs the companion, how much of
// the workers' time is used, and what grows.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { findCompanion } from "../../../companion/client.ts";
import { bundleEntries } from "../support/bundle.ts";
import { newKey, temporaryFolder } from "../support/job-service.ts";
import { noisePng, sha256 } from "../support/pictures.ts";
import { startRedis } from "../support/redis.ts";
import type { Used } from "../support/studio-process.ts";

export interface ScaleOptions {
  workers: number;
  frames: number;
  frameMs: number;
  /** Processes that the workers are spread over. */
  processes: number;
}

export interface ScaleReport extends ScaleOptions {
  seconds: number;
  /** Of what the workers could do in that time. */
  throughput: number;
  companionCpuMsPerFrame: number;
  /** What came to and went from Redis, for each frame. */
  redisBytesPerFrame: number;
  /** How far it was after each share of the frames. */
  samples: ScaleSample[];
  attemptsAboveOne: number;
}

/** Counted from the beginning of the work, but for memory. */
export interface ScaleSample {
  frames: number;
  seconds: number;
  /** Of the companion. */
  cpuMs: number;
  residentMb: number;
  redisMb: number;
}

const BATCH = 2_000;
const SAMPLES = 20;

export async function simulate(options: ScaleOptions): Promise<ScaleReport> {
  const { workers, frames, frameMs, processes } = options;
  const [studioPath = "", workersPath = ""] = await bundleEntries("studio-process", "many-workers");
  const data = temporaryFolder();
  const redis = await startRedis();
  const watching = new Redis(redis.url);
  const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
  const studio = fork(studioPath, [data, redis.url], { stdio: [...stdio], execArgv: ["--expose-gc"] });
  const [{ port, token }] = (await once(studio, "message")) as [{ port: number; token: string }];
  const client = await findCompanion(join(data, "runtime.json"));
  if (client === null) throw new Error("The companion is not there.");
  const crowd: ChildProcess[] = [];
  for (let index = 0; index < processes; index++) {
    const count = String(Math.ceil((workers - index) / processes));
    const args = [redis.url, `http://127.0.0.1:${port}`, token, count, String(frameMs)];
    crowd.push(fork(workersPath, args, { stdio: [...stdio], execArgv: [] }));
  }
  await Promise.all(crowd.map((child) => once(child, "message")));

  const measure = async (): Promise<Used> => {
    const answer = once(studio, "message");
    studio.send("measure");
    return ((await answer) as [Used])[0];
  };
  const info = async (section: string, field: string): Promise<number> =>
    Number(new RegExp(`${field}:(\\d+)`).exec(await watching.info(section))?.[1]);
  const traffic = async () =>
    (await info("stats", "total_net_input_bytes")) + (await info("stats", "total_net_output_bytes"));

  const pictures = [noisePng(1), noisePng(2)];
  for (const bytes of pictures) await client.send("blobPut", { params: { sha256: sha256(bytes) }, body: bytes });
  const [content = "", style = ""] = pictures.map(sha256);
  const before = await measure();
  const bytesBefore = await traffic();
  const begun = performance.now();
  const batches: string[] = [];
  for (let left = frames; left > 0; left -= BATCH) {
    const contents = Array.from({ length: Math.min(BATCH, left) }, () => ({ sha256: content }));
    const body = { styles: [{ picture: { sha256: style }, weight: 1 }], settings: {}, contents };
    const { idempotencyKey } = newKey();
    batches.push((await client.json("batchSubmit", { body, idempotencyKey })).id);
  }
  const samples: ScaleSample[] = [];
  for (let done = 0; done < frames; ) {
    await sleep(1_000);
    const { batches: all } = await client.json("batches", { query: { limit: "100" } });
    done = all.filter(({ id }) => batches.includes(id)).reduce((sum, { counts }) => sum + counts.done, 0);
    if (done < ((samples.length + 1) * frames) / SAMPLES) continue;
    const { cpuMs, residentBytes } = await measure();
    samples.push({
      frames: done,
      seconds: (performance.now() - begun) / 1000,
      cpuMs: cpuMs - before.cpuMs,
      residentMb: residentBytes / 2 ** 20,
      redisMb: (await info("memory", "used_memory")) / 2 ** 20,
    });
  }
  // The last frames of some workers: what is measured is the steady work, so their wait is left out.
  const seconds = (performance.now() - begun) / 1000;
  const after = await measure();
  const bytesAfter = await traffic();
  let attemptsAboveOne = 0;
  for (const id of batches) {
    const { frames: all } = await client.json("batch", { params: { id } });
    const jobs = new Set(all.map(({ job }) => job));
    if (jobs.size !== all.length || all.some(({ state }) => state !== "done")) throw new Error("A frame is not done.");
    const [first] = all;
    if (first !== undefined) attemptsAboveOne += (await client.json("job", { params: { id: first.job } })).attempts - 1;
  }
  for (const child of [...crowd, studio]) {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  watching.disconnect();
  await redis.stop();
  return {
    ...options,
    seconds,
    throughput: (frames * frameMs) / 1000 / workers / seconds,
    companionCpuMsPerFrame: (after.cpuMs - before.cpuMs) / frames,
    redisBytesPerFrame: (bytesAfter - bytesBefore) / frames,
    ...{ samples, attemptsAboveOne },
  };
}
