// Workers by simulation: engines that sleep, everything else as it is. What a frame costs the companion, how much of
// the workers' time is used, and what grows.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { type CompanionClient, findCompanion } from "../../../companion/client.ts";
import { startBareFrames } from "../support/bare-frames.ts";
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
  /** Of a server that does nothing but what every companion must, on this machine in that time. */
  bareCpuMsPerFrame: number;
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
const BARE_FRAMES = 50;

export async function simulate(options: ScaleOptions): Promise<ScaleReport> {
  const { workers, frames, frameMs } = options;
  const studio = await openStudio(options);
  const before = await studio.measure();
  const bytesBefore = await studio.redisBytes();
  const begun = performance.now();
  const batches = await submit(studio.client, frames);
  const samples: ScaleSample[] = [];
  for (let done = 0; done < frames; ) {
    await sleep(1_000);
    done = await countDone(studio.client, batches);
    if (done < ((samples.length + 1) * frames) / SAMPLES) continue;
    const { cpuMs, residentBytes } = await studio.measure();
    samples.push({
      frames: done,
      seconds: (performance.now() - begun) / 1000,
      cpuMs: cpuMs - before.cpuMs,
      residentMb: residentBytes / 2 ** 20,
      redisMb: (await studio.redisMemory()) / 2 ** 20,
    });
    if (done < frames) await studio.bare.serve(BARE_FRAMES);
  }
  // The last frames of some workers: what is measured is the steady work, so their wait is left out.
  const seconds = (performance.now() - begun) / 1000;
  const after = await studio.measure();
  const report = {
    ...options,
    seconds,
    throughput: (frames * frameMs) / 1000 / workers / seconds,
    companionCpuMsPerFrame: (after.cpuMs - before.cpuMs) / frames,
    bareCpuMsPerFrame: await studio.bare.cpuMsPerFrame(),
    redisBytesPerFrame: ((await studio.redisBytes()) - bytesBefore) / frames,
    samples,
    attemptsAboveOne: await countRepeated(studio.client, batches),
  };
  await studio.stop();
  return report;
}

/** Redis, a companion, workers, and the bare server, each in processes of their own. */
async function openStudio({ workers, frameMs, processes }: ScaleOptions) {
  const names = ["studio-process", "many-workers", "bare-server"];
  const [studioPath = "", workersPath = "", barePath = ""] = await bundleEntries(...names);
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
  const bare = await startBareFrames(barePath);

  async function info(section: string, field: string): Promise<number> {
    return Number(new RegExp(`${field}:(\\d+)`).exec(await watching.info(section))?.[1]);
  }

  return {
    client,
    bare,
    async measure(): Promise<Used> {
      const answer = once(studio, "message");
      studio.send("measure");
      return ((await answer) as [Used])[0];
    },
    redisMemory: () => info("memory", "used_memory"),
    /** There and back, so far. */
    async redisBytes(): Promise<number> {
      return (await info("stats", "total_net_input_bytes")) + (await info("stats", "total_net_output_bytes"));
    },
    async stop(): Promise<void> {
      for (const child of [...crowd, studio]) {
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        await gone;
      }
      await bare.stop();
      watching.disconnect();
      await redis.stop();
    },
  };
}

/** Ids of the batches that so many frames make. */
async function submit(client: CompanionClient, frames: number): Promise<string[]> {
  const pictures = [noisePng(1), noisePng(2)];
  for (const bytes of pictures) await client.send("blobPut", { params: { sha256: sha256(bytes) }, body: bytes });
  const [content = "", style = ""] = pictures.map(sha256);
  const batches: string[] = [];
  for (let left = frames; left > 0; left -= BATCH) {
    const contents = Array.from({ length: Math.min(BATCH, left) }, () => ({ sha256: content }));
    const body = { styles: [{ picture: { sha256: style }, weight: 1 }], settings: {}, contents };
    const { idempotencyKey } = newKey();
    batches.push((await client.json("batchSubmit", { body, idempotencyKey })).id);
  }
  return batches;
}

async function countDone(client: CompanionClient, ids: readonly string[]): Promise<number> {
  const { batches } = await client.json("batches", { query: { limit: "100" } });
  return batches.filter(({ id }) => ids.includes(id)).reduce((sum, { counts }) => sum + counts.done, 0);
}

/** Attempts beyond the first at the first frame of each batch. Throws where a frame is not done, or not once. */
async function countRepeated(client: CompanionClient, batches: readonly string[]): Promise<number> {
  let repeated = 0;
  for (const id of batches) {
    const { frames } = await client.json("batch", { params: { id } });
    const jobs = new Set(frames.map(({ job }) => job));
    if (jobs.size !== frames.length || frames.some(({ state }) => state !== "done")) {
      throw new Error("A frame is not done.");
    }
    const [first] = frames;
    if (first !== undefined) repeated += (await client.json("job", { params: { id: first.job } })).attempts - 1;
  }
  return repeated;
}
