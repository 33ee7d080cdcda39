// The job service with the native engine in dist/engine-child.js, at 64 px.

import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import {
  finished,
  newKey,
  openTestService,
  PATIENT,
  reached,
  readAll,
  request,
  submit,
  temporaryFolder,
  upload,
} from "../support/job-service.ts";
import { makePng } from "../support/pictures.ts";

let service: LocalJobService;
let content = "";
let style = "";
// One thread: tests run several at a time, and threads that wait for each other on a busy machine take many times as long.
const settings = { size: 64, minScale: 64, firstIterations: 12, device: "cpu", threads: 1 } as const;

beforeAll(async () => {
  if (!existsSync("dist/engine-child.js")) throw new Error("Run `npm run build` first.");
  service = await openTestService({ data: temporaryFolder() });
  content = await upload(
    service,
    makePng(96, 72, (x, y) => [(x * 255) / 96, (y * 255) / 72, 128 + 80 * Math.sin(x / 7) * Math.cos(y / 5)]),
  );
  style = await upload(
    service,
    makePng(80, 80, (x, y) => [128 + 120 * Math.sin((x + y) / 3), (x * y) % 256, 255 - 2 * y]),
  );
});
afterAll(() => service.close());

describe("the native engine in its child", () => {
  it("makes a picture with its recipe, and the same bytes again", async () => {
    const results: Buffer[] = [];
    for (let i = 0; i < 2; i++) {
      const job = await submit(service, request(content, style, settings));
      const done = await finished(service, job.id, 60_000);
      expect(done).toMatchObject({ state: "done", result: { width: 64, height: 48, device: "cpu" } });
      results.push(await readAll((await service.result(job.id)).stream));
    }
    const [first = Buffer.alloc(0), second = Buffer.alloc(1)] = results;
    expect(first.equals(second)).toBe(true);
    const recipe = readRecipe(first);
    expect(recipe).toMatchObject({ device: "cpu", threads: 1, resumed: false, settings: { size: 64 } });
    expect(recipe?.network?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(recipe?.versions.onnxruntime).toMatch(/^1\./);
  });

  it("goes on from its checkpoint after the child was killed, to a loss like the uninterrupted one's", async () => {
    const layers = {
      styleLayers: ["relu1_1", "relu2_1"],
      contentLayers: ["relu2_2"],
      styleLoss: "gram-normalized",
    } as const;
    const long = { ...settings, ...layers, firstIterations: 140 };
    const straight = await submit(service, request(content, style, long));
    const straightDone = await finished(service, straight.id, 60_000);
    const cut = await submit(service, request(content, style, long));
    await reached(service, cut.id, ({ progress }) => (progress?.totalIteration ?? 0) >= 80, 60_000);
    process.kill(service.childPid ?? 0, "SIGKILL");
    const cutDone = await finished(service, cut.id, 60_000);
    expect(cutDone).toMatchObject({ state: "done", attempts: 2, recipe: { resumed: true } });
    const straightLoss = straightDone.progress?.losses.total ?? Number.NaN;
    const cutLoss = cutDone.progress?.losses.total ?? Number.NaN;
    console.log(`loss: straight ${straightLoss.toPrecision(6)}, resumed ${cutLoss.toPrecision(6)}`);
    expect(Math.abs(cutLoss - straightLoss) / straightLoss <= 0.01).toBe(true);
  });

  it("paints an animation's frames each from the one before", async () => {
    const frames: string[] = [];
    for (let n = 0; n < 3; n++) {
      const at = (x: number, y: number): [number, number, number] => [128 + 90 * Math.sin((x - n) / 6), 3 * y, 40];
      frames.push(await upload(service, makePng(80, 60, at)));
    }
    const { batch } = await service.submitBatch(
      {
        styles: [{ picture: { sha256: style }, weight: 1 }],
        settings: { ...settings, quality: "quick", minScale: 32, firstIterations: 3 },
        animation: true,
        contents: frames.map((sha256) => ({ sha256 })),
      },
      newKey(),
    );
    await expect.poll(() => service.getBatch(batch.id).state, PATIENT).toBe("done");
    const follows = service.getBatch(batch.id).frames.map(({ job }) => service.get(job).recipe?.follows ?? false);
    expect(follows).toEqual([false, true, true]);
  });

  it("plans, and tells devices and networks", async () => {
    expect(await service.plan(request(content, style, settings))).toMatchObject({ width: 64, height: 48, fits: true });
    expect((await service.devices()).some(({ kind, usable }) => kind === "cpu" && usable)).toBe(true);
    expect((await service.networks()).some(({ state }) => state === "embedded")).toBe(true);
  });
});

describe("the process that serves", () => {
  it("has loaded neither a picture codec nor the addon", () => {
    const maps = existsSync("/proc/self/maps") ? readFileSync("/proc/self/maps", "utf8") : "";
    if (maps === "") {
      console.log("skipped: needs /proc");
      return;
    }
    const found = ["libvips", "sharp-", "impasto.node", "libonnxruntime"].filter((name) => maps.includes(name));
    expect(found).toEqual([]);
    expect(maps.includes("sqlite")).toBe(true);
  });
});
