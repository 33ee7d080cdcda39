// What Redis gets to know: every command that reaches it, while jobs and batches with telling names go their way.

import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { finished, newKey, PATIENT } from "../support/job-service.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { openStudio, type Studio } from "../support/studio.ts";

const SECRET = "Unreleased car, front view";

let redis: TestRedis;
let studio: Studio;
let watching: Redis[];
const commands: string[] = [];
beforeAll(async () => {
  redis = await startRedis();
  const connection = new Redis(redis.url);
  const monitor = await connection.monitor();
  monitor.on("monitor", (_time: string, args: string[]) => commands.push(args.join(" ")));
  watching = [connection, monitor];
  studio = await openStudio(redis);
});
afterEach(() => studio.close());
afterAll(async () => {
  for (const connection of watching) connection.disconnect();
  await redis.stop();
});

it("neither names of files and layers, nor settings, nor pictures' hashes, nor results enter Redis", async () => {
  const [content, style] = studio.pictures;
  const named = { content: { sha256: content, name: `${SECRET}.png` } };
  const styles = [{ picture: { sha256: style, name: `${SECRET} style.psd` }, weight: 1 }];
  const { engine } = await studio.join("worker");
  const id = await studio.submit({ ...named, styles });
  await expect.poll(() => engine.job, PATIENT).toBe(id);
  // The worker does get it, from the companion.
  expect(engine.active?.order.request.content.name).toBe(`${SECRET}.png`);
  engine.progress();
  engine.checkpoint();
  await studio.service.change(id, { settings: { strength: 71.25 } });
  await expect.poll(() => engine.told, PATIENT).toContain("update");
  engine.finish();
  const { result } = await finished(studio.service, id);
  const contents = [{ sha256: content, name: `${SECRET} 0001.png` }];
  const { batch } = await studio.service.submitBatch({ name: SECRET, styles, settings: {}, contents }, newKey());
  await expect.poll(() => engine.busy, PATIENT).toBe(true);
  engine.finish();
  await expect.poll(() => studio.service.getBatch(batch.id).state, PATIENT).toBe("done");

  const everything = commands.join("\n") + (await redis.everything());
  // It was looked at, and it is what the queue is made of.
  expect(everything).toContain(id);
  expect(everything).toContain('"totalIteration":1');
  for (const secret of [
    SECRET,
    "71.25",
    "styleLayerWeights",
    content,
    style,
    result?.sha256 ?? "",
    studio.face.token,
  ]) {
    expect(everything).not.toContain(secret);
  }
});
