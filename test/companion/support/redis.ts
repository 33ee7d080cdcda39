// A Redis (or Valkey) server of a test's own: on a free port, in a folder of its own.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { Redis } from "ioredis";
import { temporaryFolder } from "./job-service.ts";

const PROGRAMS = ["redis-server", "valkey-server"];
const STARTS_WITHIN_MS = 20_000;

export interface TestRedis {
  url: string;
  port: number;
  /** SIGKILL */
  kill(): Promise<void>;
  /** On the same port, with what it had where it is durable. */
  restart(): Promise<void>;
  /** Forgets everything. */
  flush(): Promise<void>;
  /** Every word that it holds: keys, and what stands under them. */
  everything(): Promise<string>;
  stop(): Promise<void>;
}

/** `durable`: what it acknowledged is on the disk; else in memory alone, as docs have it. */
export async function startRedis({ durable = false } = {}): Promise<TestRedis> {
  const program = PROGRAMS.find((name) => spawnSync(name, ["--version"]).status === 0);
  if (program === undefined) {
    throw new Error("The tests need a Redis server. Type this, then run them again: apt-get install redis-server");
  }
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}/0`;
  const folder = temporaryFolder();
  const kept = durable ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"];
  const flags = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...kept];
  let server: ChildProcess;

  async function start(): Promise<void> {
    server = spawn(program ?? "", flags, { stdio: "ignore" });
    const end = Date.now() + STARTS_WITHIN_MS;
    while (!(await answers(url))) {
      if (Date.now() > end) throw new Error("The Redis server does not answer.");
    }
  }

  async function kill(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
  }

  await start();
  process.once("exit", () => server.kill("SIGKILL"));
  return {
    url,
    port,
    kill,
    restart: start,
    flush: () => withRedis(url, async (redis) => void (await redis.flushall())),
    everything: () => withRedis(url, dump),
    stop: kill,
  };
}

async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => null });
  redis.on("error", () => undefined);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await withRedis(url, (redis) => redis.ping())) === "PONG";
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return false;
  }
}

async function dump(redis: Redis): Promise<string> {
  const words: unknown[] = [];
  for (const key of await redis.keys("*")) {
    words.push(key);
    const type = await redis.type(key);
    if (type === "hash") words.push(await redis.hgetall(key));
    if (type === "string") words.push(await redis.get(key));
    if (type === "stream") words.push(await redis.xrange(key, "-", "+"));
    if (type === "list") words.push(await redis.lrange(key, 0, -1));
    if (type === "zset") words.push(await redis.zrange(key, "0", "-1"));
    if (type === "set") words.push(await redis.smembers(key));
  }
  return JSON.stringify(words);
}

/** Free now; whoever is quicker may take it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
