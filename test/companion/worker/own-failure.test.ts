// A worker whose own disk fails: its job is another one's, and it takes no more of them meanwhile.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WorkerList } from "../../../companion/queue/worker-list.ts";
import { storageError } from "../../../companion/storage/file-system.ts";
import { FileCache } from "../../../companion/worker/file-cache.ts";
import { finished, PATIENT } from "../support/job-service.ts";
import type { TestRedis } from "../support/redis.ts";
import { openStudio, type Studio } from "../support/studio.ts";
import { aroundAllWithRedis } from "../support/studio-hooks.ts";

let redis: TestRedis;
let studio: Studio;
aroundAllWithRedis((started) => {
  redis = started;
});
beforeEach(async () => {
  studio = await openStudio(redis, { pace: { restMs: 1_000 } });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await studio.close();
});

const workers = () => studio.service.desk?.workers().workers;

async function isGivenBack(id: string): Promise<void> {
  await expect.poll(workers, PATIENT).toMatchObject([{ name: "first", refused: expect.stringContaining("its disk") }]);
  await expect.poll(() => studio.service.get(id), PATIENT).toMatchObject({ state: "queued", error: null });
}

it.each(["ENOSPC", "EMFILE"])("gives back a job whose pictures it cannot keep (%s)", async (code) => {
  const error = storageError(Object.assign(new Error(code), { code }), "a file for the worker");
  const get = vi.spyOn(FileCache.prototype, "get").mockRejectedValue(error);
  const { agent, log } = await studio.join("first");
  const id = await studio.submit();
  await isGivenBack(id);
  expect(log).toContainEqual({ event: "job-given-back", code: error.code });
  await agent.close();
  get.mockRestore();
  const { engine } = await studio.join("second");
  await expect.poll(() => engine.job, PATIENT).toBe(id);
  engine.finish();
  expect(await finished(studio.service, id)).toMatchObject({ state: "done", worker: "second" });
});

it("gives back a job whose result does not fit, and takes one again after a rest", async () => {
  const { engine, log } = await studio.join("first");
  const id = await studio.submit();
  await expect.poll(() => engine.job, PATIENT).toBe(id);
  // Every beat is looked at: the rest may be over before the list is.
  const heard = vi.spyOn(WorkerList.prototype, "heard");
  engine.fail("disk-full");
  await expect.poll(() => heard.mock.calls.some(([{ rests }]) => rests), PATIENT).toBe(true);
  expect(log).toContainEqual({ event: "job-given-back", code: "disk-full" });
  await expect.poll(() => engine.job, PATIENT).toBe(id);
  engine.finish();
  expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 2, worker: "first" });
  await expect.poll(workers, PATIENT).toMatchObject([{ refused: null }]);
});
