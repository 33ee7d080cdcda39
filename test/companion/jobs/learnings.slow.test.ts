// A style learned by the companion's own process, and taken by a job for what it is.

import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import sharp from "sharp";
import { expect, test } from "vitest";
import type { Bytes } from "../../../companion/job-service.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { makeSmallPhoto, SAMPLE_STYLE } from "../cli/sample-photo.ts";
import { finished, openTestService, submit, temporaryFolder, upload } from "../support/job-service.ts";

test("learned styles paint jobs: two of one file, each by itself too", async () => {
  const data = temporaryFolder();
  const service = await openTestService({ data });
  const style = await upload(service, readFileSync(SAMPLE_STYLE));
  const content = await upload(service, readFileSync(await makeSmallPhoto(data)));
  const { learnings } = service;
  const { id } = await learnings.submit({
    style: { sha256: style, name: "night" },
    others: [{ sha256: content, name: "town" }],
    own: "stylebank",
    frames: [{ sha256: content }],
    minutes: 0.05,
    settings: {},
  });
  await expect.poll(() => learnings.get(id).state, { timeout: 200_000, interval: 200 }).toBe("finished");
  expect(learnings.get(id)).toMatchObject({ progress: { phase: "learn" }, learned: { stopped: false } });
  expect(learnings.get(id).preview).toBeGreaterThan(0);
  expect(learnings.get(id).learned?.styles).toMatchObject([{ name: "night" }, { name: "town" }]);
  await expect(learnings.result(id, 3)).rejects.toMatchObject({ code: "not-found" });

  const painted = async (picture: Promise<Bytes>, settings: Partial<Settings>) => {
    const sha256 = await upload(service, await buffer((await picture).stream));
    const job = await submit(service, {
      content: { sha256: content },
      styles: [{ picture: { sha256 }, weight: 1 }],
      settings: { quality: "quick", size: 160, ...settings },
      detached: true,
    });
    const done = await finished(service, job.id, 120_000);
    expect(done).toMatchObject({ state: "done", recipe: { painter: { detailer: { name: "learned" } } } });
    // Its pixels: what made it is in the file, too.
    return await sharp(await buffer((await service.result(job.id)).stream))
      .raw()
      .toBuffer();
  };
  const first = await painted(learnings.result(id), {});
  const second = await painted(learnings.result(id), { styleMix: [0, 1] });
  expect(second.equals(first)).toBe(false);
  expect((await painted(learnings.result(id, 1), {})).equals(first)).toBe(true);
  expect((await painted(learnings.result(id, 2), {})).equals(second)).toBe(true);
  await service.close();
}, 400_000);
