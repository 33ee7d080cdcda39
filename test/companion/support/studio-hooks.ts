// What stands around the tests of a file about the queue: one Redis for all of them, and a companion for each.

import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { startRedis, type TestRedis } from "./redis.ts";
import { openStudio, type Studio } from "./studio.ts";

/** `begin` is given what all of the file's tests share. */
export function aroundAllWithRedis(begin: (redis: TestRedis) => void | Promise<void>): void {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
    await begin(redis);
  });
  afterAll(() => redis.stop());
}

/** The same, and `beginEach` what each of them has for itself. */
export function aroundEachWithStudio(beginEach: (studio: Studio, redis: TestRedis) => void | Promise<void>): void {
  let redis: TestRedis;
  let studio: Studio;
  aroundAllWithRedis((started) => {
    redis = started;
  });
  beforeEach(async () => {
    studio = await openStudio(redis);
    await beginEach(studio, redis);
  });
  afterEach(() => studio.close());
}
