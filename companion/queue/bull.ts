// BullMQ and its connections to Redis, loaded only where there is a queue. The names of queues carry the companion's
// own id, so that several companions can share one Redis.

import type { Job, JobsOptions, Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { PACE, type Pace } from "./pace.ts";
import type { QueueName } from "./queue-names.ts";
import { type OnTrouble, troubleOf } from "./trouble.ts";

export type { Job, JobsOptions, Queue, Redis, Worker };

/** Companion and worker count themselves how often a job took a worker down. */
const NEVER_FAILED_AS_STALLED = 1_000_000;
/** Nobody listens to BullMQ's own. */
const KEPT_EVENTS = 1;
const RETRY_MAX_MS = 2_000;

export interface Bull {
  queue(name: QueueName): Queue;
  worker(name: QueueName, workerName: string): Worker;
  /** A connection for publishing and small looks; its commands fail at once while Redis is away. */
  connection(): Redis;
  /** Tells what is said on a channel from now on, and again after every break of the connection. */
  listen(channel: string, hear: (text: string) => void): void;
  /** Key of an entry, as BullMQ keeps it. */
  entryKey(name: QueueName, entry: string): string;
  /** What the companion calls out to its workers. */
  hintChannel: string;
  /** What workers tell of jobs in work. */
  progressChannel: string;
  pace: Pace;
  onTrouble: OnTrouble;
  /** Ends every connection that was opened. */
  close(): Promise<void>;
}

/** `instance`: the companion's id. `onTrouble` hears of every connection that fails, often. */
export async function loadBull(url: string, instance: string, onTrouble: OnTrouble, pace: Pace = PACE): Promise<Bull> {
  const [bullmq, { Redis }] = await Promise.all([import("bullmq"), import("ioredis")]);
  const onError = (error: Error) => onTrouble(troubleOf(error), error.message);
  const prefix = `impasto:${instance}`;
  const opened: { close(): Promise<unknown> }[] = [];
  const connections: Redis[] = [];

  function connect(isPatient: boolean): Redis {
    const redis = new Redis(url, {
      maxRetriesPerRequest: isPatient ? null : 0,
      enableOfflineQueue: isPatient,
      retryStrategy: (times: number) => Math.min(100 * times, RETRY_MAX_MS),
      // listen() does it: nobody would catch the failure of ioredis's own, and the process would end.
      autoResubscribe: false,
    });
    redis.on("error", onError);
    connections.push(redis);
    return redis;
  }

  function keep<T extends Queue | Worker>(thing: T): T {
    (thing as NodeJS.EventEmitter).on("error", onError);
    opened.push({ close: () => thing.close() });
    return thing;
  }

  return {
    queue: (name) =>
      keep(
        new bullmq.Queue(name, {
          // BullMQ gives a connection up for good whose first command fails. What it would print, Offers says in words.
          connection: connect(true),
          skipVersionCheck: true,
          prefix,
          streams: { events: { maxLen: KEPT_EVENTS } },
        }),
      ),
    worker: (name, workerName) =>
      keep(
        new bullmq.Worker(name, null, {
          connection: connect(true),
          skipVersionCheck: true,
          prefix,
          autorun: false,
          name: workerName,
          lockDuration: pace.lockMs,
          stalledInterval: pace.stalledEveryMs,
          maxStalledCount: NEVER_FAILED_AS_STALLED,
        }),
      ),
    connection: () => connect(false),
    listen(channel, hear) {
      const subscriber = connect(true);
      subscriber.on("message", (_channel: string, text: string) => hear(text));
      subscriber.on("ready", () => void subscriber.subscribe(channel).catch(() => undefined));
    },
    entryKey: (name, entry) => `${prefix}:${name}:${entry}`,
    hintChannel: `${prefix}:hints`,
    progressChannel: `${prefix}:progress`,
    pace,
    onTrouble,
    async close() {
      const things = opened.map((thing) => thing.close().catch(() => undefined));
      await Promise.race([Promise.all(things), patience()]);
      for (const connection of connections) connection.disconnect();
    },
  };
}

function patience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500).unref());
}
