// What is wrong with the queue's server is said in words, and what it held up goes on when it is mended.

import { Redis } from "ioredis";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { shortcomingOf, troubleOf } from "../../../companion/queue/trouble.ts";
import { finished, PATIENT } from "../support/job-service.ts";
import type { TestRedis } from "../support/redis.ts";
import { openStudio, type Studio } from "../support/studio.ts";
import { aroundAllWithRedis } from "../support/studio-hooks.ts";

let redis: TestRedis;
let studio: Studio;
let keeper: Redis;
aroundAllWithRedis((started) => {
  redis = started;
  keeper = new Redis(redis.url);
});
afterAll(() => keeper.disconnect());
afterEach(() => studio?.close());

const trouble = () => studio.service.desk?.workers().trouble;

describe("what Redis and the connection to it say", () => {
  it.each([
    ["WRONGPASS invalid username-password pair or user is disabled.", "refuses the password"],
    ["NOAUTH HELLO must be called with the client already authenticated", "refuses the password"],
    ["NOPERM this user has no permissions to run the 'evalsha' command", "lets this user do too little"],
    ["OOM command not allowed when used memory > 'maxmemory'. script: 12, on @user_script:1.", "is full"],
    ["MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist", "write to its disk"],
    ["READONLY You can't write against a read only replica.", "is a copy"],
    ["ERR DB index is out of range", "has no database of that number"],
    ["self-signed certificate in certificate chain", "NODE_EXTRA_CA_CERTS"],
    ["80FB:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps", "speaks no TLS"],
    ["connect ECONNREFUSED 127.0.0.1:6379", "does not answer"],
  ])("%s: it %s", (message, words) => expect(troubleOf(new Error(message))).toContain(words));

  it.each([
    ["redis_version:6.0.16\r\nmaxmemory:0\r\n", "is Redis 6.0.16, too old"],
    ["redis_version:6.2.0\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n", null],
    ["redis_version:7.2.4\r\nvalkey_version:8.0.1\r\nmaxmemory:99\r\nmaxmemory_policy:noeviction\r\n", null],
    ["redis_version:7.0.15\r\nmaxmemory:99\r\nmaxmemory_policy:volatile-ttl\r\n", "(volatile-ttl)"],
    ["", null],
  ])("%j of itself: %s", (info, words) => {
    if (words === null) expect(shortcomingOf(info)).toBeNull();
    else expect(shortcomingOf(info)).toContain(words);
  });
});

it("a full one holds jobs up and is told of as full; with room again they go on", async () => {
  studio = await openStudio(redis);
  const { engine, agent } = await studio.join("worker");
  await keeper.config("SET", "maxmemory", "1");
  const id = await studio.submit();
  await expect.poll(trouble, PATIENT).toMatch(/^is full/);
  expect(studio.service.get(id).state).toBe("queued");
  await keeper.config("SET", "maxmemory", "0");
  await expect.poll(() => engine.job, PATIENT).toBe(id);
  engine.finish();
  expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 1 });
  await expect.poll(trouble, PATIENT).toBeNull();
  await agent.close();
});

it("a password that is refused is told of as one, and keeps no worker from ending", async () => {
  await keeper.config("SET", "requirepass", "another");
  studio = await openStudio(redis);
  const id = await studio.submit();
  await expect.poll(trouble, PATIENT).toMatch(/^refuses the password/);
  const { agent } = await studio.join("locked out");
  await agent.close();
  await keeper.config("SET", "requirepass", "");
  const { engine } = await studio.join("worker");
  await expect.poll(() => engine.job, PATIENT).toBe(id);
  engine.finish();
  await finished(studio.service, id);
  expect(trouble()).toBeNull();
});

it("one that may throw away what waits is told of at once, and until it is set otherwise", async () => {
  await keeper.config("SET", "maxmemory", "1gb");
  await keeper.config("SET", "maxmemory-policy", "allkeys-lru");
  studio = await openStudio(redis);
  await expect.poll(trouble, PATIENT).toContain("(allkeys-lru)");
  await keeper.config("SET", "maxmemory-policy", "noeviction");
  await expect.poll(trouble, PATIENT).toBeNull();
  await keeper.config("SET", "maxmemory-policy", "volatile-lru");
  await expect.poll(trouble, PATIENT).toContain("(volatile-lru)");
});
