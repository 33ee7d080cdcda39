// The job service with the fake engine in real children: the life of a job from upload to result.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { bundleEntries } from "../support/bundle.ts";
import {
  finished,
  newKey,
  openTestService,
  PATIENT,
  reached,
  readAll,
  recordEvents,
  request,
  submit,
  temporaryFolder,
  upload,
} from "../support/job-service.ts";
import { noisePng, sha256 } from "../support/pictures.ts";

let childPath = "";
let service: LocalJobService;
let content = "";
let style = "";
const slow = { stepSize: 0.2, iterations: 1000 };

beforeAll(async () => {
  [childPath = ""] = await bundleEntries("fake-child");
  service = await openTestService({ data: temporaryFolder(), childPath, attendance: { pauseMs: 200, cancelMs: 2000 } });
  content = await upload(service, noisePng(1));
  style = await upload(service, noisePng(2));
});
afterAll(() => service.close());

describe("a job", () => {
  it("runs and ends as done, with a PNG that carries its recipe", async () => {
    const job = await submit(service, request(content, style));
    const { events, stop } = recordEvents(service, job.id);
    const done = await finished(service, job.id);
    stop();
    expect(done).toMatchObject({ state: "done", attempts: 1, error: null });
    const { stream, bytes, contentType } = await service.result(job.id);
    const png = await readAll(stream);
    expect({ bytes, contentType }).toEqual({ bytes: png.length, contentType: "image/png" });
    expect(sha256(png)).toBe(done.result?.sha256);
    expect(readRecipe(png)).toEqual(done.recipe);
    expect(done.recipe).toMatchObject({ inputs: { content: { sha256: content } }, resumed: false, iterations: 20 });
    const sequences = events.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    const states = events.flatMap((event) => (event.type === "state" ? event.state : []));
    // A job that others do waits a moment to be taken.
    expect(states.filter((state) => state !== "queued")).toEqual(["running", "done"]);
    expect(events.at(-1)).toMatchObject({ type: "state", state: "done", sequence: done.sequence });
  });

  it("is the same job again under the same key, and refused for another request", async () => {
    const key = newKey();
    const first = await service.submit(request(content, style), key);
    const second = await service.submit(request(content, style), key);
    expect(second).toMatchObject({ created: false, job: { id: first.job.id } });
    await expect(service.submit(request(content, content), key)).rejects.toMatchObject({ code: "conflict" });
    await finished(service, first.job.id);
  });

  it("is refused when a picture was not sent", async () => {
    await expect(submit(service, request("0".repeat(64), style))).rejects.toMatchObject({ code: "not-found" });
  });

  it("is refused when it starts from a picture that is not given", async () => {
    const refusal = { code: "bad-setting", message: expect.stringContaining("a picture to start from") };
    await expect(submit(service, request(content, style, { init: "image" }))).rejects.toMatchObject(refusal);
    const given = { ...request(content, style, { init: "image" }), initial: { sha256: content } };
    const { id } = await submit(service, given);
    expect(await finished(service, id)).toMatchObject({ state: "done" });
  });

  it("changes live settings while it runs, and refuses others", async () => {
    const job = await submit(service, request(content, style, { ...slow, stepSize: 0.05 }));
    await reached(service, job.id, ({ progress }) => (progress?.iteration ?? 0) > 3);
    const changed = await service.change(job.id, { settings: { strength: 90 } });
    expect(changed.changes).toHaveLength(1);
    expect(changed.changes[0]?.iteration).toBeGreaterThan(3);
    await expect(service.change(job.id, { settings: { size: 64 } })).rejects.toMatchObject({ code: "bad-setting" });
    await expect(service.change(job.id, { settings: { styleLayerWeights: [1] } })).rejects.toMatchObject({
      code: "bad-setting",
    });
    await service.change(job.id, { action: "stop" });
    const done = await finished(service, job.id);
    expect(done).toMatchObject({ state: "done", result: { stopped: true } });
    expect(done.recipe?.changes).toEqual(changed.changes);
  });

  it("pauses, lets another job pass, and goes on from where it was", async () => {
    const job = await submit(service, request(content, style, { stepSize: 0.05, iterations: 100 }));
    await reached(service, job.id, ({ progress }) => (progress?.iteration ?? 0) >= 10);
    const paused = await service.change(job.id, { action: "pause" });
    expect(paused).toMatchObject({ state: "paused", pauseReason: "user" });
    const other = await submit(service, request(style, content));
    expect((await finished(service, other.id)).state).toBe("done");
    const { events, stop } = recordEvents(service, job.id, paused.sequence);
    await service.change(job.id, { action: "resume" });
    const done = await finished(service, job.id);
    stop();
    expect(done).toMatchObject({ state: "done", attempts: 2, recipe: { resumed: true, iterations: 100 } });
    const first = events.find((event) => event.type === "progress" && event.sequence > paused.sequence);
    expect(first?.type === "progress" && first.progress.iteration).toBeGreaterThan(10);
    const uninterrupted = await submit(service, request(content, style, { stepSize: 0.00002, iterations: 100 }));
    expect((await finished(service, uninterrupted.id)).result?.stopped).toBe(false);
  });

  it("shows its latest preview", async () => {
    const job = await submit(service, request(content, style, slow));
    await reached(service, job.id, ({ progress }) => (progress?.iteration ?? 0) > 1);
    const { events, stop } = recordEvents(service, job.id);
    await expect.poll(() => events.some(({ type }) => type === "preview"), PATIENT).toBe(true);
    stop();
    const sequence = events.findLast(({ type }) => type === "preview")?.sequence ?? 0;
    const preview = await service.preview(job.id, sequence);
    expect(preview.contentType).toBe("image/jpeg");
    expect((await readAll(preview.stream)).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    await expect(service.preview(job.id, sequence + 1_000_000)).rejects.toMatchObject({ code: "not-found" });
    await service.cancel(job.id);
  });

  it("is cancelled at once when queued, and soon when running", async () => {
    const running = await submit(service, request(content, style, slow));
    const queued = await submit(service, request(content, style, slow));
    await reached(service, running.id, ({ progress }) => (progress?.iteration ?? 0) > 1);
    const before = service.get(running.id).progress?.iteration ?? 0;
    expect((await service.cancel(queued.id)).state).toBe("cancelled");
    expect((await service.cancel(running.id)).state).toBe("cancelled");
    const next = await submit(service, request(content, style));
    await finished(service, next.id);
    // Far from its end, which the next job did not wait for.
    expect(service.get(running.id).progress?.iteration ?? 0).toBeLessThan(before + 500);
    await expect(service.result(running.id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("is paused and then cancelled when its client stays away, and goes on when it is back", async () => {
    const job = await submit(service, request(content, style, { ...slow, iterations: 50 }, false));
    await reached(service, job.id, ({ pauseReason, state }) => state === "paused" && pauseReason === "client-gone");
    service.clientBack(job.id);
    expect((await finished(service, job.id)).state).toBe("done");
    const left = await submit(service, request(content, style, slow, false));
    const kept = await submit(service, request(content, style, slow, false));
    await service.change(kept.id, { action: "pause" });
    expect((await finished(service, left.id)).state).toBe("cancelled");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(service.get(kept.id)).toMatchObject({ state: "paused", pauseReason: "user" });
    await service.cancel(kept.id);
  });

  it("is removed with its result", async () => {
    const job = await submit(service, request(content, style, { strength: 77 }));
    const { result } = await finished(service, job.id);
    await service.remove(job.id);
    expect(() => service.get(job.id)).toThrowError(/no such job/);
    expect(service.hasBlob(result?.sha256 ?? "")).toBe(false);
    expect(service.hasBlob(content)).toBe(true);
  });
});

describe("the child", () => {
  it("answers plans, devices, networks and the doctor", async () => {
    expect(await service.plan(request(content, style))).toMatchObject({ width: 32, height: 32 });
    expect(await service.devices()).toMatchObject([{ kind: "cpu" }]);
    expect((await service.networks()).map(({ name }) => name)).toEqual(["fake", "far"]);
    const doctor = await service.doctor();
    expect(doctor.checks.every(({ ok }) => ok)).toBe(true);
  });

  it("tells of a download as it gets on", async () => {
    const types: string[] = [];
    service.watchPull("far", 0, ({ type }) => types.push(type));
    await service.pullNetwork("far");
    await expect.poll(() => types.at(-1), PATIENT).toBe("done");
    expect(types).toEqual(["progress", "progress", "progress", "progress", "done"]);
    await expect(service.pullNetwork("nowhere")).rejects.toMatchObject({ code: "network-unknown" });
  });
});
