// Whose turn it is: panels before batches, batches side by side, no panel before all others.

import { expect, it } from "vitest";
import { finished, newKey, PATIENT, request } from "../support/job-service.ts";
import type { TestRedis } from "../support/redis.ts";
import type { ScriptedEngine } from "../support/scripted-engine.ts";
import { openStudio, type Studio } from "../support/studio.ts";
import { aroundEachWithStudio } from "../support/studio-hooks.ts";

let redis: TestRedis;
let studio: Studio;
aroundEachWithStudio((opened, started) => {
  studio = opened;
  redis = started;
});

async function submitBatch(frames: number): Promise<string> {
  const [content, style] = studio.pictures;
  const styles = [{ picture: { sha256: style }, weight: 1 }];
  const contents = Array.from({ length: frames }, () => ({ sha256: content }));
  return (await studio.service.submitBatch({ styles, settings: {}, contents }, newKey())).batch.id;
}

async function submitFrom(owner: string): Promise<string> {
  return (await studio.service.submit(request(...studio.pictures), newKey(owner))).job.id;
}

/** Lets the engine finish its job and waits for the next one. */
async function next(engine: ScriptedEngine): Promise<string> {
  const before = engine.job;
  engine.finish();
  await expect.poll(() => engine.job ?? before, PATIENT).not.toBe(before);
  return engine.job ?? "";
}

const batchOf = (job: string) => studio.service.get(job).batch?.id;

it("a picture that a person waits for comes after the frame in work and before every other", async () => {
  const batch = await submitBatch(20);
  const { engine } = await studio.join("worker");
  await expect.poll(() => engine.busy, PATIENT).toBe(true);
  expect(batchOf(engine.job ?? "")).toBe(batch);
  const id = await submitFrom("panel");
  await expect.poll(async () => (await redis.everything()).includes(id), PATIENT).toBe(true);
  expect(await next(engine)).toBe(id);
  expect(batchOf(await next(engine))).toBe(batch);
  await studio.service.cancelBatch(batch);
});

it("two batches share the workers, also when one of them came long before", async () => {
  const first = await submitBatch(30);
  const second = await submitBatch(6);
  const { engine } = await studio.join("worker");
  await expect.poll(() => engine.busy, PATIENT).toBe(true);
  const order = [batchOf(engine.job ?? "")];
  while (order.length < 12) order.push(batchOf(await next(engine)));
  // Turn by turn: neither is ever more than a frame ahead, but for the one that was in work already.
  const ahead = order.map((_, index) => {
    const done = order.slice(0, index + 1);
    return done.filter((batch) => batch === first).length - done.filter((batch) => batch === second).length;
  });
  expect(Math.max(...ahead.map(Math.abs))).toBeLessThanOrEqual(2);
  await studio.service.cancelBatch(first);
  await studio.service.cancelBatch(second);
});

it("a panel that sends many jobs has but some of them on the queue, and another one's first comes second", async () => {
  const many: string[] = [];
  for (let i = 0; i < 12; i++) many.push(await submitFrom("many"));
  await expect.poll(async () => offered(many), PATIENT).toBe(8);
  const one = await submitFrom("one");
  await expect.poll(async () => offered([one]), PATIENT).toBe(1);
  const { engine } = await studio.join("worker");
  await expect.poll(() => engine.busy, PATIENT).toBe(true);
  const order = [engine.job ?? ""];
  while (order.length < 13) order.push(await next(engine));
  expect(order.indexOf(one)).toBeLessThanOrEqual(1);
  expect(order.filter((job) => job !== one)).toEqual(many);
  engine.finish();
  await finished(studio.service, many.at(-1) ?? "");
});

async function offered(jobs: readonly string[]): Promise<number> {
  const text = await redis.everything();
  return jobs.filter((job) => text.includes(job)).length;
}

it("two companions on one queue: the workers of each do its own jobs alone", async () => {
  const other = await openStudio(redis);
  const [own, others] = [await studio.submit(), await other.submit()];
  const { engine, log } = await studio.join("worker");
  await expect.poll(() => engine.job, PATIENT).toBe(own);
  engine.finish();
  await finished(studio.service, own);
  const next = await studio.submit();
  await expect.poll(() => engine.job, PATIENT).toBe(next);
  engine.finish();
  expect(other.service.get(others)).toMatchObject({ state: "queued", attempts: 0 });
  expect(other.service.desk?.workers().workers).toEqual([]);
  const second = await other.join("another");
  await expect.poll(() => second.engine.job, PATIENT).toBe(others);
  second.engine.finish();
  expect(await finished(other.service, others)).toMatchObject({ state: "done", worker: "another" });
  expect(log).toEqual([]);
  await other.close();
});
