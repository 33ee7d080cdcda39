// Frames that follow on each other: one is painted while the one before it is written and the one after it is read.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it } from "vitest";
import type { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { type FileSystem, realFileSystem } from "../../../companion/storage/file-system.ts";
import { ChildJob } from "../../../companion/supervisor/child-job.ts";
import { DecodedPictures } from "../../../companion/supervisor/decoded-pictures.ts";
import type { FromChild, PictureFile, RunOrder } from "../../../companion/supervisor/messages.ts";
import { bundleEntries } from "../support/bundle.ts";
import { fakeEngine } from "../support/fake-engine.ts";
import { newKey, openTestService, temporaryFolder, upload, worksAlone } from "../support/job-service.ts";
import { noisePng, sha256 } from "../support/pictures.ts";

let childPath = "";
let service: LocalJobService | null = null;

beforeAll(async () => {
  [childPath = ""] = await bundleEntries("fake-child");
});
afterEach(async () => {
  await service?.close();
  service = null;
});

function pictureIn(folder: string, seed: number): PictureFile {
  const bytes = noisePng(seed, 64);
  const path = join(folder, `${seed}.png`);
  writeFileSync(path, bytes);
  return { path, name: `${seed}.png`, ref: { sha256: sha256(bytes) } };
}

it("the next frame is read before the last one is on the disk, and a style once for both", async () => {
  const folder = temporaryFolder();
  const [first, second, style] = [pictureIn(folder, 1), pictureIn(folder, 2), pictureIn(folder, 3)];
  const events: string[] = [];
  let nextIsRead = (): void => undefined;
  const read = new Promise<void>((resolve) => {
    nextIsRead = resolve;
  });
  const fileSystem: FileSystem = {
    ...realFileSystem,
    async read(path) {
      events.push(`read ${path.slice(-5)}`);
      if (path === second.path) nextIsRead();
      return await realFileSystem.read(path);
    },
    // The first result does not get there before.
    async create(path) {
      await read;
      events.push("write");
      return await realFileSystem.create(path);
    },
  };
  const pictures = new DecodedPictures(fileSystem);
  const order = (content: PictureFile, job: number): RunOrder => ({
    job: String(job).repeat(32),
    attempt: 1,
    request: { content, styles: [{ picture: style, weight: 1 }], settings: { ...DEFAULT_SETTINGS, iterations: 3 } },
    overrides: {},
    changes: [],
    stop: false,
    measure: true,
    checkpointPath: join(folder, "checkpoint"),
    temporaryFolder: folder,
  });
  const told: FromChild[] = [];
  let other: Promise<void> | null = null;
  const begin = (content: PictureFile, job: number): Promise<void> =>
    new ChildJob(order(content, job), fakeEngine, fileSystem, hear, pictures).work();
  // As the parent does.
  function hear(message: FromChild): void {
    told.push(message);
    if (message.type === "painted") other ??= begin(second, 2);
  }
  await begin(first, 1);
  await other;
  const measured = told.flatMap((message) =>
    message.type === "finished" ? [[message.job[0], message.styleDistance] as const] : [],
  );
  // Of two that are written at a time either may be the faster one.
  expect(new Map(measured)).toEqual(
    new Map([
      ["1", expect.any(Number)],
      ["2", expect.any(Number)],
    ]),
  );
  expect(events).toEqual(["read 1.png", "read 3.png", "read 2.png", "write", "write"]);
});

it("a content that was expected is decoded once, for the job that wants it at that size", async () => {
  const folder = temporaryFolder();
  const content = pictureIn(folder, 4);
  let reads = 0;
  const pictures = new DecodedPictures({
    ...realFileSystem,
    async read(path) {
      reads += 1;
      return await realFileSystem.read(path);
    },
  });
  pictures.expect(content, 64);
  expect((await pictures.read(content, 64, "content")).picture.width).toBe(64);
  expect(reads).toBe(1);
  pictures.expect(content, 64);
  expect((await pictures.read(content, 32, "content")).picture.width).toBe(32);
  expect(reads).toBe(3);
  // One that is missing says so when it is asked for.
  const gone = { ...content, path: join(folder, "gone.png") };
  pictures.expect(gone, 32);
  await expect(pictures.read(gone, 32, "content")).rejects.toMatchObject({ code: "file-not-writable" });
});

it("a batch begins each frame before the one before it is over, and measures all", async () => {
  service = await openTestService({ data: temporaryFolder(), childPath });
  const { watchBatch } = service;
  const contents = [];
  for (let i = 0; i < 5; i++) contents.push({ sha256: await upload(service, noisePng(10 + i, 32)) });
  const styles = [{ picture: { sha256: await upload(service, noisePng(99)) }, weight: 1 }];
  const { batch } = await service.submitBatch({ styles, settings: { iterations: 5 }, contents }, newKey());
  const steps: string[] = [];
  await new Promise<void>((resolve) => {
    watchBatch.call(service, batch.id, 0, (event) => {
      if (event.type === "frame") steps.push(`${event.frame.index} ${event.frame.state}`);
      else if (event.batch.state === "done") resolve();
    });
  });
  if (worksAlone()) {
    for (let i = 0; i < 4; i++) expect(steps.indexOf(`${i + 1} running`)).toBeLessThan(steps.indexOf(`${i} done`));
  }
  const { frames } = service.getBatch(batch.id);
  expect(frames.map(({ result }) => result?.styleDistance)).toEqual(frames.map(() => expect.any(Number)));
});
