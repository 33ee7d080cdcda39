// Jobs that are too much for one worker's memory and not for another's.

import { expect, it } from "vitest";
import { finished, PATIENT } from "../support/job-service.ts";
import type { Studio } from "../support/studio.ts";
import { aroundEachWithStudio } from "../support/studio-hooks.ts";

let studio: Studio;
aroundEachWithStudio((opened) => {
  studio = opened;
});

/** So many have been heard of; one that joins meanwhile is none that a job could be left to. */
const known = (count: number) => expect.poll(() => studio.service.desk?.workers().workers.length, PATIENT).toBe(count);

it("go on to another one that is there, and are done where it has enough", async () => {
  const small = await studio.join("small");
  const id = await studio.submit();
  await expect.poll(() => small.engine.job, PATIENT).toBe(id);
  const large = await studio.join("large");
  await known(2);
  small.engine.fail("out-of-memory");
  await expect.poll(() => large.engine.job, PATIENT).toBe(id);
  large.engine.finish();
  expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 2, worker: "large" });
});

it("fail once each that is there has tried", async () => {
  const workers = [await studio.join("small"), await studio.join("smaller")];
  await known(2);
  const id = await studio.submit();
  for (let attempt = 1; attempt <= 2; attempt++) {
    await expect.poll(() => workers.some((worker) => worker.engine.job === id), PATIENT).toBe(true);
    workers.find((worker) => worker.engine.job === id)?.engine.fail("out-of-memory");
  }
  const { state, error, attempts } = await finished(studio.service, id);
  expect({ state, error, attempts }).toMatchObject({ state: "failed", error: { code: "out-of-memory" }, attempts: 2 });
});
