// Two workers of one thread each against one worker of two, on the real engine: the way over the queue costs less than
// what threads lose to each other. Rounds of both alternate, since other programs may be at work on this machine.

import { afterAll, beforeAll, expect, it } from "vitest";
import { watchUntil } from "../support/queue-processes.ts";
import { isInState, openRealStudio, type RealStudio } from "./real-studio.ts";

const ROUNDS = 4;
const FRAMES = 8;

let studio: RealStudio;
beforeAll(async () => {
  studio = await openRealStudio();
});
afterAll(() => studio.stop());

/** Frames per minute. */
async function rate(workers: number, threads: number): Promise<number> {
  const names = Array.from({ length: workers }, (_, index) => `${threads} threads, ${index + 1}`);
  for (const name of names) await studio.addWorker(name, ["--threads", String(threads)]);
  // The first picture of a process pays for loading.
  await paint(2 * workers);
  const begun = performance.now();
  await paint(FRAMES);
  const minutes = (performance.now() - begun) / 60_000;
  for (const name of names) {
    await studio.workers.get(name)?.stop();
    studio.workers.delete(name);
  }
  return FRAMES / minutes;
}

async function paint(count: number): Promise<void> {
  const { client } = studio.companion;
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(await studio.begin(40, { size: 256, minScale: 256, seed: n }));
  for (const id of ids) await watchUntil(client, id, isInState("done"));
}

it("two workers of one thread paint as many pictures as one of two", async () => {
  const two: number[] = [];
  const one: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    two.push(await rate(2, 1));
    one.push(await rate(1, 2));
  }
  const show = (rates: number[]) => rates.map((each) => each.toFixed(1)).join(", ");
  console.log(`frames per minute at 256 px, 40 iterations: two workers ${show(two)}; one worker ${show(one)}`);
  // The best of each: what both can do when nothing else is going on.
  expect(Math.max(...two) / Math.max(...one)).toBeGreaterThanOrEqual(0.95);
});
