// A style learned by the companion's own process, and taken by a job for what it is.

import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { makeSmallPhoto, SAMPLE_STYLE } from "../cli/sample-photo.ts";
import { finished, openTestService, submit, temporaryFolder, upload } from "../support/job-service.ts";

test("a learned style paints jobs", async () => {
  const data = temporaryFolder();
  const service = await openTestService({ data });
  const style = await upload(service, readFileSync(SAMPLE_STYLE));
  const content = await upload(service, readFileSync(await makeSmallPhoto(data)));
  const { learnings } = service;
  const { id } = await learnings.submit({
    style: { sha256: style },
    frames: [{ sha256: content }],
    minutes: 0.05,
    settings: {},
  });
  await expect.poll(() => learnings.get(id).state, { timeout: 200_000, interval: 200 }).toBe("finished");
  expect(learnings.get(id)).toMatchObject({ progress: { phase: "learn" }, learned: { stopped: false } });
  expect(learnings.get(id).preview).toBeGreaterThan(0);
  const file = await buffer((await learnings.result(id)).stream);
  const learned = await upload(service, file);
  const settings = { quality: "quick", size: 160 } as const;
  const job = await submit(service, {
    content: { sha256: content },
    styles: [{ picture: { sha256: learned }, weight: 1 }],
    settings,
    detached: true,
  });
  expect(await finished(service, job.id, 120_000)).toMatchObject({
    state: "done",
    recipe: { painter: { detailer: { name: "learned" } } },
  });
  await service.close();
}, 400_000);
