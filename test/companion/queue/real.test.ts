// A real picture through real processes: companion, worker, Redis, the native engine with the embedded network.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { runCli } from "../cli/run-cli.ts";
import { negative } from "../models/write-onnx.ts";
import { sha256 } from "../support/pictures.ts";
import { jobOf, watchUntil } from "../support/queue-processes.ts";
import { isAtIteration, isInState, openRealStudio, type RealStudio } from "./real-studio.ts";

let studio: RealStudio;
beforeAll(async () => {
  studio = await openRealStudio();
  await studio.addWorker("first");
});
afterAll(() => studio.stop());

test("a picture is painted by a worker: progress, previews, a strength changed midway, pause, and stop-and-keep", async () => {
  const { client } = studio.companion;
  const id = await studio.begin(5_000);
  const events = await watchUntil(client, id, ({ type }) => type === "preview");
  const preview = events.at(-1);
  expect(preview).toMatchObject({ type: "preview", width: 64, height: 48 });
  expect(events.some(({ type }) => type === "progress")).toBe(true);
  const sequence = String(preview?.sequence);
  const jpeg = await client.picture("jobPreview", { params: { id, sequence } });
  expect([...jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  expect(await jobOf(client, id)).toMatchObject({ state: "running", worker: "first", attempts: 1 });
  const { queue, workers } = await client.json("workers");
  expect({ queue, workers }).toMatchObject({ queue: "reachable", workers: [{ name: "first", jobs: [id] }] });

  await client.json("jobChange", { params: { id }, body: { settings: { strength: 90 } } });
  const paused = await client.json("jobChange", { params: { id }, body: { action: "pause" } });
  expect(paused).toMatchObject({ state: "paused", pauseReason: "user" });
  const before = paused.progress?.totalIteration ?? Number.NaN;
  await client.json("jobChange", { params: { id }, body: { action: "resume" } });
  const first = (await watchUntil(client, id, isAtIteration(0), paused.sequence)).at(-1);
  // From where it was, not from the beginning.
  expect(first?.type === "progress" && first.progress.totalIteration - before).toBeGreaterThan(0);

  await client.json("jobChange", { params: { id }, body: { action: "stop" } });
  await watchUntil(client, id, isInState("done"));
  const done = await jobOf(client, id);
  expect(done).toMatchObject({ state: "done", attempts: 2, result: { stopped: true, width: 64, height: 48 } });
  const png = Buffer.from(await client.picture("jobResult", { params: { id } }));
  expect(sha256(png)).toBe(done.result?.sha256);
  const recipe = readRecipe(png);
  expect(recipe).toMatchObject({ device: "cpu", threads: 1, resumed: true, stopped: true });
  expect(recipe?.changes.map((change) => change.settings)).toEqual([{ strength: 90 }]);
});

test("a network of others that only the companion has is fetched by its hash, and paints", async () => {
  const { client, home } = studio.companion;
  const file = join(home, "negative.onnx");
  writeFileSync(file, negative(255));
  const imported = await runCli(["models", "import", file, "--yes", "--json"], { env: { IMPASTO_HOME: home } });
  const { sha256: hash } = JSON.parse(imported.stdout).model;
  const id = await studio.beginWith({ styles: [], settings: { model: "negative", device: "cpu", size: 64 } });
  await watchUntil(client, id, isInState("done"));
  expect(await jobOf(client, id)).toMatchObject({
    worker: "first",
    recipe: { model: { name: "negative", sha256: hash } },
  });
});
