// Jobs that ask for a device by name: whoever has it does them, and nobody else tries.

import { expect, it } from "vitest";
import { finished, PATIENT } from "../support/job-service.ts";
import type { Studio } from "../support/studio.ts";
import { aroundEachWithStudio } from "../support/studio-hooks.ts";

let studio: Studio;
aroundEachWithStudio((opened) => {
  studio = opened;
});

it("goes to the worker that has it, past one that is free", async () => {
  const graphics = await studio.join("graphics", { kinds: ["cpu", "cuda"] });
  const plain = await studio.join("plain", { kinds: ["cpu"] });
  const first = await studio.submit({ settings: { device: "cuda" } });
  await expect.poll(() => graphics.engine.job, PATIENT).toBe(first);
  const second = await studio.submit({ settings: { device: "cuda" } });
  const other = await studio.submit();
  await expect.poll(() => plain.engine.job, PATIENT).toBe(other);
  plain.engine.finish();
  // The plain one has looked for more and found nothing when it got this one.
  const last = await studio.submit();
  await expect.poll(() => plain.engine.job, PATIENT).toBe(last);
  graphics.engine.finish();
  await expect.poll(() => graphics.engine.job, PATIENT).toBe(second);
  graphics.engine.finish();
  plain.engine.finish();
  for (const id of [first, second]) {
    expect(await finished(studio.service, id)).toMatchObject({ state: "done", worker: "graphics", attempts: 1 });
  }
});

it("goes to any worker once its device has failed it", async () => {
  const graphics = await studio.join("graphics", { kinds: ["cpu", "webgpu"] });
  const id = await studio.submit({ settings: { device: "webgpu" } });
  await expect.poll(() => graphics.engine.job, PATIENT).toBe(id);
  const plain = await studio.join("plain", { kinds: ["cpu"] });
  graphics.engine.fail("gpu-lost");
  const again = () => [graphics, plain].map(({ engine }) => engine.active?.order).find((order) => order?.job === id);
  await expect.poll(() => again()?.overrides, PATIENT).toEqual({ device: "cpu" });
});

it("fails at once, and says why, where no worker has it", async () => {
  await studio.join("plain", { kinds: ["cpu"] });
  const id = await studio.submit({ settings: { device: "cuda" } });
  const { error, state } = await finished(studio.service, id);
  expect({ state, error }).toMatchObject({
    state: "failed",
    error: { code: "no-gpu", message: "None of the workers has what this job asks for: cuda." },
  });
});
