// A worker that is killed in the middle of a real picture, at the pace of people's machines.

import { afterAll, beforeAll, expect, test } from "vitest";
import { jobOf, watchUntil } from "../support/queue-processes.ts";
import { isAtIteration, isInState, openRealStudio, type RealStudio } from "./real-studio.ts";

/** What a checkpoint may be behind: the engine makes one every 50 iterations, and some pass while it travels. */
const CHECKPOINT_EVERY = 50;
const ON_ITS_WAY = 150;
/** Hold of the queue, and a look for what was lost, and some patience with a busy machine. */
const PASSED_ON_WITHIN_MS = 60_000;

let studio: RealStudio;
beforeAll(async () => {
  studio = await openRealStudio();
  await studio.addWorker("first");
});
afterAll(() => studio.stop());

test("a job whose worker is killed goes on with another one from its last checkpoint", async () => {
  const { companion, workers } = studio;
  const { client } = companion;
  const id = await studio.begin(4_000);
  await watchUntil(client, id, isAtIteration(300));
  await studio.addWorker("second");
  await workers.get("first")?.kill();
  workers.delete("first");
  const killed = await jobOf(client, id);
  const killedAt = Date.now();
  const reached = killed.progress?.totalIteration ?? Number.NaN;
  const queued = await watchUntil(client, id, isInState("running"), killed.sequence);
  expect(Date.now() - killedAt).toBeLessThan(PASSED_ON_WITHIN_MS);
  const went = await watchUntil(client, id, isAtIteration(0), queued.at(-1)?.sequence);
  const first = went.at(-1);
  const from = first?.type === "progress" ? first.progress.totalIteration : Number.NaN;
  console.log(`killed at ${reached}, went on at ${from} after ${((Date.now() - killedAt) / 1000).toFixed(1)} s`);
  expect(reached - from <= CHECKPOINT_EVERY + ON_ITS_WAY).toBe(true);
  expect(from).toBeGreaterThan(CHECKPOINT_EVERY);
  await client.json("jobChange", { params: { id }, body: { action: "stop" } });
  await watchUntil(client, id, isInState("done"));
  expect(await jobOf(client, id)).toMatchObject({ worker: "second", attempts: 2, recipe: { resumed: true } });
});
