// What others put into the queue: set aside with a line in the log, and the work goes on.

import { afterEach, expect, it } from "vitest";
import { type Bull, loadBull } from "../../../companion/queue/bull.ts";
import { finished, PATIENT } from "../support/job-service.ts";
import type { TestRedis } from "../support/redis.ts";
import type { Studio } from "../support/studio.ts";
import { aroundEachWithStudio } from "../support/studio-hooks.ts";

let redis: TestRedis;
let studio: Studio;
let attacker: Bull;
aroundEachWithStudio(async (opened, started) => {
  studio = opened;
  redis = started;
  attacker = await loadBull(redis.url, studio.face.server.tokens.instance, () => undefined);
});
afterEach(() => attacker.close());

const ID = "0123456789abcdef".repeat(2);
const POISON: [string, string, unknown][] = [
  ["no object", `${ID}-1`, null],
  ["a path for an id", `${ID}-2`, { job: "../../ledger.sqlite" }],
  ["more than an id", `${ID}-3`, { job: ID, url: "http://169.254.169.254/" }],
  ["another job than its name says", `${ID}-4`, { job: "f".repeat(32) }],
  ["no name of ours", "custom", { job: ID }],
  ["a prototype", `${ID}-5`, JSON.parse('{"__proto__": {"job": "x"}}')],
];

it("entries that are none of ours are set aside with a line in the log, and the next job is done", async () => {
  const queue = attacker.queue("interactive");
  for (const [, jobId, data] of POISON) await queue.add("job", data, { jobId, priority: 1 });
  const id = await studio.submit();
  const { engine, log } = await studio.join("worker");
  await expect.poll(() => engine.job, PATIENT).toBe(id);
  engine.finish();
  expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 1 });
  const strange = log.filter(({ event, what }) => event === "queue-strange" && what === "entry");
  expect(strange).toHaveLength(POISON.length);
  const aside = await queue.getFailed();
  expect(aside.map(({ id: entry }) => entry).sort()).toEqual(POISON.map(([, entry]) => entry).sort());
  expect(JSON.stringify(log)).not.toContain("169.254");
});

const NOTHING = { waiting: 0, prioritized: 0, active: 0, completed: 0, failed: 0 };

it("an entry for a job that is over, or that nobody ever sent, is taken away and nothing is done", async () => {
  const queue = attacker.queue("batch");
  const over = await studio.submit();
  await studio.service.cancel(over);
  for (const job of [over, ID]) await queue.add("job", { job }, { jobId: `${job}-9`, removeOnComplete: true });
  const { engine, log } = await studio.join("worker");
  await expect.poll(() => queue.getJobCounts(), PATIENT).toMatchObject(NOTHING);
  expect(engine.busy).toBe(false);
  expect(log).toEqual([]);
});

it("progress and hints that are none change nothing and are logged, those of another attempt are passed over", async () => {
  const id = await studio.submit();
  const { engine, log } = await studio.join("worker");
  await expect.poll(() => engine.job, PATIENT).toBe(id);
  engine.progress();
  await expect.poll(() => studio.service.get(id).progress?.totalIteration, PATIENT).toBe(1);
  const { progress } = studio.service.get(id);
  const publisher = attacker.connection();
  await expect.poll(() => publisher.status, PATIENT).toBe("ready");
  const forged = { job: id, attempt: 1, progress: { ...progress, totalIteration: 99 } };
  const tell = (said: unknown) => publisher.publish(attacker.progressChannel, JSON.stringify(said));
  await tell({ ...forged, attempt: 2 });
  await tell({ ...forged, job: ID });
  await tell({ ...forged, progress: { ...forged.progress, fraction: "half" } });
  await publisher.publish(attacker.progressChannel, "{half");
  const strange = () => studio.log().filter(({ event, what }) => event === "queue-strange" && what === "progress");
  await expect.poll(() => strange().length, PATIENT).toBe(2);
  expect(studio.service.get(id).progress?.totalIteration).toBe(1);

  for (const text of ["", "look", "look ../..", `cancel ${id}`, "work work"]) {
    await publisher.publish(attacker.hintChannel, text);
  }
  await expect.poll(() => log.filter(({ what }) => what === "hint").length, PATIENT).toBe(5);
  expect(engine.told).toEqual([]);
  engine.finish();
  expect(await finished(studio.service, id)).toMatchObject({ state: "done" });
});
