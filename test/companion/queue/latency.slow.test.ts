// What the way over queue and companion adds, at the pace of people's machines, with an engine that takes no time.

import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { temporaryPath } from "../../../companion/storage/durable-file.ts";
import { openTestService, recordEvents, request, submit, temporaryFolder, upload } from "../support/job-service.ts";
import { noisePng } from "../support/pictures.ts";
import type { TestRedis } from "../support/redis.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { aroundAllWithRedis } from "../support/studio-hooks.ts";
import { elsewhereOn, openFace, startWorker } from "../support/workers.ts";

const TIMES = 30;
/** More than anybody notices. */
const MOST_MS = 150;

let redis: TestRedis;
aroundAllWithRedis((started) => {
  redis = started;
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

it("beginning, progress, previews, a changed strength, stop and pause take less than people notice", async () => {
  const data = temporaryFolder();
  const { elsewhere } = await elsewhereOn(redis.url, data);
  const service = await openTestService({ data, elsewhere, engine: new ScriptedEngine() });
  const face = await openFace(service, data);
  const engine = new ScriptedEngine();
  const worker = await startWorker({ ...face, url: redis.url, name: "worker", engines: [engine] });
  const pictures = [await upload(service, noisePng(1)), await upload(service, noisePng(2))] as const;
  const took: Record<string, number[]> = {};

  async function time(what: string, begin: () => unknown, end: () => boolean): Promise<void> {
    const begun = performance.now();
    await begin();
    await until(end);
    took[what] = [...(took[what] ?? []), performance.now() - begun];
  }

  for (let n = 0; n < TIMES; n++) {
    let id = "";
    await time(
      "begins",
      async () => {
        ({ id } = await submit(service, request(...pictures)));
      },
      () => engine.job === id,
    );
    const { events, stop } = recordEvents(service, id);
    const heard = (type: string) => events.some((event) => event.type === type);
    await time(
      "progress",
      () => engine.progress(),
      () => heard("progress"),
    );
    const path = temporaryPath(engine.active?.order.temporaryFolder ?? "");
    writeFileSync(path, noisePng(n, 512));
    const preview = { path, width: 512, height: 512 };
    await time(
      "preview",
      () => engine.active?.handlers.preview(preview),
      () => heard("preview"),
    );
    const change = () => service.change(id, { settings: { strength: n } });
    await time("strength", change, () => engine.told.includes("update"));
    await time(
      "stop",
      () => service.change(id, { action: "stop" }),
      () => engine.told.includes("stop"),
    );
    await time(
      "done",
      () => engine.finish(),
      () => service.get(id).state === "done",
    );
    stop();
    const { id: other } = await submit(service, request(...pictures));
    await until(() => engine.job === other);
    let paused: Promise<unknown> | null = null;
    const pausing = () => {
      paused = service.change(other, { action: "pause" });
    };
    await time("pause", pausing, () => engine.told.includes("pause"));
    engine.release();
    await paused;
    await until(() => service.get(other).state === "paused");
    await service.cancel(other);
  }
  await worker.agent.close();
  await face.stop();
  await service.close();
  const sorted = Object.entries(took).map(([what, times]) => [what, times.sort((a, b) => a - b)] as const);
  const figures = sorted.map(([what, times]) => ({
    what,
    medianMs: Math.round(times[TIMES / 2] ?? Number.NaN),
    ninthTenthMs: Math.round(times[Math.floor(0.9 * TIMES)] ?? Number.NaN),
  }));
  console.log(JSON.stringify(figures));
  for (const { medianMs } of figures) expect(medianMs <= MOST_MS).toBe(true);
});
