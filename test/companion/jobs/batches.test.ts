// Batches with the fake engine: frames as they change, what one bad frame costs, pauses, retries, restarts.

import { existsSync, writeFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { JobServiceOptions, LocalJobService } from "../../../companion/jobs/job-service.ts";
import { JobsTable } from "../../../companion/ledger/jobs-table.ts";
import type { BatchEvent, BatchRequest } from "../../../companion/protocol/batches.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { realFileSystem } from "../../../companion/storage/file-system.ts";
import { bundleEntries } from "../support/bundle.ts";
import { FAULTS } from "../support/faults.ts";
import {
  finished,
  newKey,
  openTestService,
  PATIENT,
  readAll,
  request,
  submit,
  temporaryFolder,
  upload,
  worksAlone,
} from "../support/job-service.ts";
import { noisePng, sha256 } from "../support/pictures.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";

let childPath = "";
let service: LocalJobService;
let data = "";
const style = noisePng(99, 32);

beforeAll(async () => {
  [childPath = ""] = await bundleEntries("fake-child");
});
afterEach(() => service.close());

async function open(): Promise<void> {
  service = await openTestService({ data, childPath, supervisor: { backoffMs: [1] } });
}

async function requestFor(frames: number, settings: Partial<Settings> = {}): Promise<BatchRequest> {
  const contents: BatchRequest["contents"] = [];
  for (let i = 0; i < frames; i++)
    contents.push({ sha256: await upload(service, noisePng(i, 32)), name: `frame ${i}` });
  return {
    name: "test",
    styles: [{ picture: { sha256: await upload(service, style) }, weight: 1 }],
    settings,
    contents,
  };
}

async function start(frames: number, settings: Partial<Settings> = {}): Promise<string> {
  data = temporaryFolder();
  await open();
  return (await service.submitBatch(await requestFor(frames, settings), newKey())).batch.id;
}

function over(id: string): Promise<BatchEvent[]> {
  return new Promise((resolve) => {
    const events: BatchEvent[] = [];
    const stop = service.watchBatch(id, 0, (event) => {
      events.push(event);
      if (event.type !== "state" || !["done", "cancelled"].includes(event.batch.state)) return;
      setImmediate(() => stop());
      resolve(events);
    });
  });
}

describe("a batch", () => {
  it("does every frame once, in order, and tells of each", async () => {
    const id = await start(8, { iterations: 5 });
    const events = await over(id);
    const sequences = events.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    const done = events.flatMap((event) => (event.type === "frame" && event.frame.state === "done" ? event.frame : []));
    // Of two that are written at a time either may be the faster one.
    expect(done.map(({ index }) => index).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const begun = events.flatMap((event) =>
      event.type === "frame" && event.frame.state === "running" ? event.frame.index : [],
    );
    if (worksAlone()) expect([...new Set(begun)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const batch = service.getBatch(id);
    expect(batch).toMatchObject({ state: "done", counts: { done: 8 }, request: { name: "test" } });
    for (const { job, result } of batch.frames) {
      expect(sha256(await readAll((await service.result(job)).stream))).toBe(result?.sha256);
    }
    expect(service.listBatches(10).map((summary) => summary.id)).toEqual([id]);
    expect(service.list({ batch: id, limit: 100 })).toHaveLength(8);
  });

  it("is the same batch again under the same key", async () => {
    data = temporaryFolder();
    await open();
    const key = newKey();
    const asked = await requestFor(3);
    const first = await service.submitBatch(asked, key);
    const second = await service.submitBatch(asked, key);
    expect(second).toMatchObject({ created: false, batch: { id: first.batch.id } });
    await over(first.batch.id);
    expect(service.list({ limit: 100 })).toHaveLength(3);
  });

  it("lets a job that was sent alone pass", async () => {
    const id = await start(20, { stepSize: 0.02, iterations: 20 });
    const [content = "", other = ""] = [await upload(service, noisePng(50, 32)), await upload(service, style)];
    const job = await submit(service, request(content, other));
    await finished(service, job.id);
    expect(service.getBatch(id).counts.queued).toBeGreaterThan(10);
  });

  it("goes on after a frame that fails, and retries it when told", async () => {
    const id = await start(2, { seed: FAULTS.outOfMemory });
    await over(id);
    const failed = service.getBatch(id);
    expect(failed).toMatchObject({ state: "done", counts: { failed: 2 } });
    expect(failed.frames[0]?.error?.code).toBe("out-of-memory");
    const retried = await service.changeBatch(id, { action: "retry", frames: [1] });
    expect(retried.state).toBe("running");
    expect(retried.frames[1]?.job).not.toBe(failed.frames[1]?.job);
    expect(retried.frames[0]?.job).toBe(failed.frames[0]?.job);
    await over(id);
    await expect(service.changeBatch(id, { action: "retry", frames: [7] })).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it("pauses, resumes, skips and cancels", async () => {
    const id = await start(6, { stepSize: 0.05, iterations: 40 });
    await service.changeBatch(id, { action: "pause" });
    await expect.poll(() => service.getBatch(id).counts.running, PATIENT).toBe(0);
    expect(service.getBatch(id)).toMatchObject({ state: "paused" });
    await service.changeBatch(id, { action: "skip", frames: [5] });
    const resumed = await service.changeBatch(id, { action: "resume" });
    expect(resumed).toMatchObject({ state: "running", counts: { paused: 0, skipped: 1 } });
    await expect.poll(() => service.getBatch(id).counts.done, PATIENT).toBeGreaterThan(0);
    const cancelled = await service.cancelBatch(id);
    expect(cancelled.state).toBe("cancelled");
    expect(cancelled.counts.done + cancelled.counts.cancelled + cancelled.counts.skipped).toBe(6);
    await service.changeBatch(id, { action: "retry" });
    await over(id);
    expect(service.getBatch(id).counts.done).toBe(6);
  });

  it("is paused again after a frame that was tried again by itself, and runs while one of several is paused", async () => {
    const id = await start(3, { iterations: 5 });
    await service.changeBatch(id, { action: "pause", frames: [2] });
    expect(service.getBatch(id).state).toBe("running");
    await service.changeBatch(id, { action: "pause" });
    await service.changeBatch(id, { action: "skip", frames: [2] });
    expect((await service.changeBatch(id, { action: "retry", frames: [2] })).state).toBe("running");
    await expect.poll(() => service.getBatch(id).frames[2]?.state, PATIENT).toBe("done");
    await expect.poll(() => service.getBatch(id).counts.running, PATIENT).toBe(0);
    expect(service.getBatch(id).state).toBe("paused");
    await service.changeBatch(id, { action: "resume" });
    await over(id);
  });

  it("goes on after a restart, each frame once", async () => {
    const id = await start(10, { stepSize: 0.02, iterations: 10 });
    await expect.poll(() => service.getBatch(id).counts.done, PATIENT).toBeGreaterThan(2);
    await service.close();
    await open();
    await over(id);
    const jobs = service.list({ batch: id, limit: 100 });
    expect(jobs).toHaveLength(10);
    expect(jobs.every(({ state }) => state === "done")).toBe(true);
  });

  it("tells only what is new to one that watches again", async () => {
    const id = await start(4, { iterations: 5 });
    const events = await over(id);
    const after = events.at(-3)?.sequence ?? 0;
    const again: BatchEvent[] = [];
    service.watchBatch(id, after, (event) => again.push(event))();
    expect(again.every(({ sequence }) => sequence > after)).toBe(true);
    expect(again.at(-1)).toMatchObject({ type: "state", batch: { state: "done" } });
  });

  it("is removed with its jobs and results", async () => {
    const id = await start(3, { iterations: 5 });
    await over(id);
    const hashes = service.getBatch(id).frames.map(({ result }) => result?.sha256 ?? "");
    const [{ job = "" } = {}] = service.getBatch(id).frames;
    await expect(service.remove(job)).rejects.toMatchObject({ code: "conflict" });
    await service.removeBatch(id);
    expect(() => service.getBatch(id)).toThrowError(/no such batch/);
    expect(service.list({ limit: 10 })).toEqual([]);
    expect(hashes.some((hash) => service.hasBlob(hash))).toBe(false);
  });

  /** A batch whose every frame the test ends itself. */
  async function startScripted(frames: number, options: JobServiceOptions = {}) {
    const engine = new ScriptedEngine();
    service = await openTestService({ data: temporaryFolder(), engine, ...options });
    const { batch } = await service.submitBatch(await requestFor(frames), newKey());
    await expect.poll(() => engine.busy, PATIENT).toBe(true);
    return { engine, id: batch.id };
  }

  it("of an animation hands every frame what the one before it left, and clears that away at the end", async () => {
    const engine = new ScriptedEngine();
    service = await openTestService({ data: temporaryFolder(), engine });
    const asked = { ...(await requestFor(3, { quality: "quick" })), animation: true };
    const { batch } = await service.submitBatch(asked, newKey());
    for (let frame = 0; frame < 3; frame++) {
      await expect.poll(() => engine.active?.order.request.content.ref.name, PATIENT).toBe(`frame ${frame}`);
      const shot = engine.active?.order.shot;
      expect(shot?.batch).toBe(batch.id);
      const path = shot?.path ?? "";
      expect(existsSync(path)).toBe(frame > 0);
      writeFileSync(path, "what this frame leaves");
      engine.finish();
      if (frame === 2) await expect.poll(() => existsSync(path), PATIENT).toBe(false);
    }
    await expect.poll(() => service.getBatch(batch.id).state, PATIENT).toBe("done");
  });

  it("as an animation is refused where frames would be polished or painted otherwise", async () => {
    data = temporaryFolder();
    await open();
    for (const settings of [{ quality: "fine" }, { quality: "quick", iterations: 4 }] as const) {
      const asked = { ...(await requestFor(2, settings)), animation: true };
      await expect(service.submitBatch(asked, newKey())).rejects.toMatchObject({ code: "bad-setting" });
    }
  });

  it("paints each frame in the style of its own, and one that is done again at a strength of its own", async () => {
    data = temporaryFolder();
    await open();
    const { styles, contents, ...rest } = await requestFor(2, { iterations: 5 });
    const other = { picture: { sha256: await upload(service, noisePng(98, 32)) }, weight: 1 };
    const cells = [0, 1].flatMap((cell) => contents.map((content) => ({ ...content, style: cell })));
    const both = { ...rest, styles: [...styles, other] };
    const { batch } = await service.submitBatch({ ...both, contents: cells }, newKey());
    await over(batch.id);
    const made = service.getBatch(batch.id);
    const madeFrom = made.frames.map(({ job }) => service.get(job).request.styles.map(({ picture }) => picture.sha256));
    const [first = "", second = ""] = both.styles.map(({ picture }) => picture.sha256);
    expect(madeFrom).toEqual([[first], [first], [second], [second]]);

    const again = await service.changeBatch(batch.id, { action: "repaint", frames: [2], strength: 90 });
    expect(again).toMatchObject({ state: "running", counts: { done: 3 } });
    await over(batch.id);
    const { frames } = service.getBatch(batch.id);
    expect(frames.map(({ job }, i) => job === made.frames[i]?.job)).toEqual([true, true, false, true]);
    expect(frames[2]).toMatchObject({ state: "done", content: { style: 1, strength: 90 } });
    expect(service.get(frames[2]?.job ?? "")).toMatchObject({
      settings: { strength: 90 },
      recipe: { settings: { strength: 90 } },
    });

    const strange = { ...both, contents: [{ ...(contents[0] as (typeof contents)[0]), style: 2 }] };
    await expect(service.submitBatch(strange, newKey())).rejects.toMatchObject({ code: "bad-request" });
    await expect(service.changeBatch(batch.id, { action: "repaint", frames: [0] })).rejects.toMatchObject({
      code: "bad-request",
    });
    const moving = { ...both, contents: cells, animation: true };
    await expect(service.submitBatch(moving, newKey())).rejects.toMatchObject({ code: "bad-request" });
  });

  it("gives a failed frame one new job, however often a retry is asked for at once", async () => {
    const { engine, id } = await startScripted(1);
    engine.fail("bad-picture");
    await expect.poll(() => service.getBatch(id).state, PATIENT).toBe("done");
    const retry = () => service.changeBatch(id, { action: "retry" });
    const answers = await Promise.allSettled([retry(), retry()]);
    expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = answers.find(({ status }) => status === "rejected");
    expect(refused).toMatchObject({ reason: { code: "conflict" } });
    expect(service.list({ limit: 10 })).toHaveLength(2);
  });

  const STEPS: [string, "cancelAll" | "pauseAll", (id: string) => Promise<unknown>][] = [
    ["cancelled", "cancelAll", (id) => service.cancelBatch(id)],
    ["paused", "pauseAll", (id) => service.changeBatch(id, { action: "pause" })],
    ["skipped", "cancelAll", (id) => service.changeBatch(id, { action: "skip", frames: [0, 1, 2] })],
  ];
  for (const [what, method, act] of STEPS) {
    it(`is ${what} with its frames or not at all, when the ledger refuses in the middle`, async () => {
      const { id } = await startScripted(3);
      const before = service.getBatch(id);
      const refusing = vi.spyOn(JobsTable.prototype, method).mockImplementation(() => {
        throw new ImpastoError("disk-full", "There is no room.");
      });
      await expect(act(id)).rejects.toMatchObject({ code: "disk-full" });
      expect(service.getBatch(id)).toEqual(before);
      refusing.mockRestore();
      await act(id);
      expect(service.getBatch(id).counts.queued).toBe(0);
    });
  }

  it("is resumed with its frames or not at all, when the ledger refuses in the middle", async () => {
    const { engine, id } = await startScripted(3);
    await service.changeBatch(id, { action: "pause" });
    engine.release();
    await expect.poll(() => service.getBatch(id).counts.paused, PATIENT).toBe(3);
    const before = service.getBatch(id);
    const refusing = vi.spyOn(JobsTable.prototype, "resumeAll").mockImplementation(() => {
      throw new ImpastoError("disk-full", "There is no room.");
    });
    await expect(service.changeBatch(id, { action: "resume" })).rejects.toMatchObject({ code: "disk-full" });
    expect(service.getBatch(id)).toEqual(before);
    refusing.mockRestore();
    expect(await service.changeBatch(id, { action: "resume" })).toMatchObject({ state: "running" });
    expect(service.getBatch(id).counts.paused).toBe(0);
  });

  it("tells of frames that are skipped in the order of their numbers, so that nobody who watches again misses one", async () => {
    const { engine, id } = await startScripted(4);
    await expect.poll(() => engine.busy, PATIENT).toBe(true);
    engine.fail("bad-picture");
    await expect.poll(() => service.getBatch(id).counts.failed, PATIENT).toBe(1);
    const events: BatchEvent[] = [];
    const stop = service.watchBatch(id, 0, (event) => events.push(event));
    events.length = 0;
    await service.changeBatch(id, { action: "skip", frames: [1, 0, 2] });
    stop();
    const sequences = events.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    const skipped = events.flatMap((event) => (event.type === "frame" ? [event.frame] : []));
    expect(new Set(skipped.map(({ index }) => index))).toEqual(new Set([0, 1, 2]));
    expect(skipped.every(({ state }) => state === "skipped")).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: "state", batch: { counts: { skipped: 3 } } });
  });

  it("stays paused by hand with a frame that had waited for room on the disk", async () => {
    const { engine, id } = await startScripted(2);
    engine.fail("disk-full");
    // A worker without room gives its frame back, and nothing waits.
    const waiting = worksAlone() ? 1 : 0;
    await expect.poll(() => service.getBatch(id).counts.paused, PATIENT).toBe(waiting);
    await service.changeBatch(id, { action: "pause" });
    const reasons = service.list({ batch: id, limit: 10 }).map(({ pauseReason }) => pauseReason);
    expect(reasons).toEqual(["user", "user"]);
  });

  it("goes from the ledger as a whole, also when the disk refuses to remove a result", async () => {
    let refuses = false;
    async function remove(path: string): Promise<void> {
      if (refuses) throw Object.assign(new Error("EIO: injected"), { code: "EIO" });
      await realFileSystem.remove(path);
    }
    const { engine, id } = await startScripted(3, { fileSystem: { ...realFileSystem, remove } });
    for (let frame = 0; frame < 3; frame++) {
      await expect.poll(() => engine.busy, PATIENT).toBe(true);
      engine.finish();
    }
    await expect.poll(() => service.getBatch(id).state, PATIENT).toBe("done");
    refuses = true;
    await service.removeBatch(id);
    expect(service.list({ limit: 10 })).toEqual([]);
  });
});
