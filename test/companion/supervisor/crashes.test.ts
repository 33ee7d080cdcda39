// What dies, hangs or fails in the engine child costs at most its job, never the service.

import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JobServiceOptions, LocalJobService } from "../../../companion/jobs/job-service.ts";
import { Supervisor } from "../../../companion/supervisor/supervisor.ts";
import { bundleEntries } from "../support/bundle.ts";
import { FAULTS } from "../support/faults.ts";
import {
  finished,
  openTestService,
  PATIENT,
  reached,
  request,
  submit,
  temporaryFolder,
  upload,
} from "../support/job-service.ts";
import { noisePng } from "../support/pictures.ts";

let childPath = "";
let orphanedParent = "";
let service: LocalJobService;
const supervisor = { backoffMs: [10, 20] };

beforeAll(async () => {
  [childPath = "", orphanedParent = ""] = await bundleEntries("fake-child", "orphaned-parent");
});
afterEach(() => service?.close());

async function start(options: JobServiceOptions = {}): Promise<[content: string, style: string]> {
  service = await openTestService({ data: temporaryFolder(), childPath, supervisor, ...options });
  return [await upload(service, noisePng(1)), await upload(service, noisePng(2))];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(execFileSync("cat", [`/proc/${pid}/status`], { encoding: "utf8" }));
  } catch {
    return false;
  }
}

describe("the supervisor", () => {
  for (const fault of ["segfault", "abort", "exit"] as const) {
    it(`fails a job whose child dies three times (${fault}), and the next job is done`, async () => {
      const pictures = await start();
      const bad = await submit(service, request(...pictures, { seed: FAULTS[fault] }));
      const good = await submit(service, request(...pictures));
      expect(await finished(service, bad.id)).toMatchObject({
        state: "failed",
        attempts: 3,
        error: { code: "engine-crashed" },
      });
      expect(await finished(service, good.id)).toMatchObject({ state: "done", attempts: 1 });
    });
  }

  it("goes on from the last checkpoint after a crash", async () => {
    const pictures = await start();
    // Slow enough for the checkpoint to reach the disk before the crash, ten iterations later.
    const settings = { seed: FAULTS.segfaultUnlessResumed, iterations: 100, stepSize: 0.2 };
    const job = await submit(service, request(...pictures, settings));
    const done = await finished(service, job.id);
    expect(done).toMatchObject({ state: "done", attempts: 2, recipe: { resumed: true, iterations: 100 } });
  });

  for (const fault of ["gpuLost", "gpuOutOfMemory"] as const) {
    it(`does a job once more on the CPU after a device error (${fault})`, async () => {
      const pictures = await start();
      const job = await submit(service, request(...pictures, { seed: FAULTS[fault], device: "webgpu" }));
      await reached(service, job.id, ({ attempts }) => attempts === 1);
      const done = await finished(service, job.id);
      expect(done).toMatchObject({ state: "done", attempts: 2, result: { device: "cpu" } });
      expect(done.result?.fallback).toContain("CPU");
      expect(done.settings.device).toBe("webgpu");
    });
  }

  it("fails a job at once when trying again would not help", async () => {
    const pictures = await start();
    const job = await submit(service, request(...pictures, { seed: FAULTS.outOfMemory }));
    expect(await finished(service, job.id)).toMatchObject({ state: "failed", error: { code: "out-of-memory" } });
  });

  it("ends a run that takes more than twice the memory it was planned with, names a smaller size, and lives", async () => {
    const pictures = await start();
    // 32 MB and 50 ms an iteration: 640 MB a second, of 512 MB allowed beside the plan.
    const greedy = await submit(service, request(...pictures, { seed: FAULTS.greedy, stepSize: 0.5, iterations: 100 }));
    const modest = await submit(service, request(...pictures));
    const failed = await finished(service, greedy.id);
    expect(failed).toMatchObject({ state: "failed", attempts: 1, error: { code: "out-of-memory" } });
    expect(failed.error?.hint).toMatch(/^Try a size of \d+ or less\.$/);
    expect(await finished(service, modest.id)).toMatchObject({ state: "done", attempts: 1 });
  });

  it("replaces a child that hangs", async () => {
    const pictures = await start({ supervisor: { ...supervisor, silenceMs: 3000 } });
    const job = await submit(service, request(...pictures, { seed: FAULTS.hang }));
    const next = await submit(service, request(...pictures));
    expect(await finished(service, job.id)).toMatchObject({ state: "failed", error: { code: "engine-crashed" } });
    expect(await finished(service, next.id)).toMatchObject({ state: "done" });
  });

  it("replaces a child that was stopped, at the default patience", async () => {
    const pictures = await start();
    const settings = { stepSize: 0.2, iterations: 100 };
    const job = await submit(service, request(...pictures, settings));
    await reached(service, job.id, ({ progress }) => (progress?.iteration ?? 0) > 2);
    const pid = service.childPid ?? 0;
    process.kill(pid, "SIGSTOP");
    const begun = performance.now();
    await reached(service, job.id, ({ attempts, progress }) => attempts === 2 && (progress?.iteration ?? 0) < 3);
    console.log(`a stopped child was replaced after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    expect(isAlive(pid)).toBe(false);
    await service.cancel(job.id);
  });

  it("replaces a child whose run stands still while it answers, once, and says so", async () => {
    const pictures = await start({ supervisor: { ...supervisor, stallBeats: 1 } });
    const job = await submit(service, request(...pictures, { seed: FAULTS.stall }));
    const next = await submit(service, request(...pictures));
    expect(await finished(service, job.id)).toMatchObject({
      state: "failed",
      attempts: 2,
      error: { code: "engine-crashed", message: expect.stringContaining("stood still") },
    });
    expect(await finished(service, next.id)).toMatchObject({ state: "done", attempts: 1 });
  });

  it("goes on from the last checkpoint after a run that stood still, and on the CPU where a GPU did", async () => {
    const pictures = await start({ supervisor: { ...supervisor, stallBeats: 1 } });
    const settings = { seed: FAULTS.stallUnlessResumed, iterations: 100, device: "webgpu" as const };
    const job = await submit(service, request(...pictures, settings));
    expect(await finished(service, job.id)).toMatchObject({
      state: "done",
      attempts: 2,
      recipe: { resumed: true, iterations: 100, device: "cpu" },
    });
  });

  it("pauses a job whose run stands still", async () => {
    const pictures = await start({ supervisor: { ...supervisor, stallBeats: 1 } });
    const job = await submit(service, request(...pictures, { seed: FAULTS.stall }));
    await reached(service, job.id, ({ progress }) => (progress?.iteration ?? 0) >= 5);
    await service.change(job.id, { action: "pause" });
    expect(await reached(service, job.id, ({ state }) => state === "paused")).toMatchObject({ attempts: 1 });
  });

  for (const moment of ["is idle", "starts"]) {
    it(`loses no job when its child is killed while it ${moment}`, async () => {
      const pictures = await start();
      if (moment === "is idle") await finished(service, (await submit(service, request(...pictures))).id);
      else void submit(service, request(...pictures));
      await expect.poll(() => service.childPid, { ...PATIENT, interval: 1 }).toBeDefined();
      process.kill(service.childPid ?? 0, "SIGKILL");
      const job = await submit(service, request(...pictures));
      expect(await finished(service, job.id)).toMatchObject({ state: "done" });
    });
  }

  it("kills a child that does not give up a cancelled job", async () => {
    const pictures = await start();
    const job = await submit(service, request(...pictures, { seed: FAULTS.hang }));
    await reached(service, job.id, ({ progress }) => (progress?.iteration ?? 0) >= 3);
    // It hangs in the next iteration; a cancel that comes before is one that it can still obey.
    await sleep(500);
    const pid = service.childPid ?? 0;
    const begun = performance.now();
    await service.cancel(job.id);
    await expect.poll(() => isAlive(pid), PATIENT).toBe(false);
    console.log(`cancel of a hanging child: ${(performance.now() - begun).toFixed(0)} ms`);
  });

  it("lets an idle child go, and starts one again for the next job", async () => {
    const pictures = await start({ supervisor: { ...supervisor, idleMs: 100 } });
    const first = await submit(service, request(...pictures));
    await finished(service, first.id);
    await expect.poll(() => service.childPid, PATIENT).toBeUndefined();
    const second = await submit(service, request(...pictures));
    expect(await finished(service, second.id)).toMatchObject({ state: "done" });
  });

  it("loses nothing that is asked while an idle child is on its way out", async () => {
    const lingering = join(temporaryFolder(), "lingering.mjs");
    writeFileSync(
      lingering,
      `process.on("message", ({ call }) => process.send({ type: "answer", call, value: 1 }));
       process.on("disconnect", () => setTimeout(() => process.exit(), 3000));
       process.send({ type: "ready" });`,
    );
    const idle = new Supervisor({ childPath: lingering, idleMs: 50, backoffMs: [1] });
    expect(await idle.call("facts")).toBe(1);
    await sleep(500);
    expect(await idle.call("facts")).toBe(1);
    await idle.close();
  });

  it("lives when the system refuses to start a child at all", async () => {
    const refused = new Supervisor({ childPath: "no such\0path", backoffMs: [1] });
    await expect(refused.call("facts")).rejects.toMatchObject({ code: "engine-crashed" });
    await refused.close();
  });

  it("takes no child for silent while it could not listen itself, as after the machine's sleep", async () => {
    const pictures = await start({ supervisor: { ...supervisor, silenceMs: 4000 } });
    const job = await submit(service, request(...pictures, { stepSize: 0.1, iterations: 100 }));
    await reached(service, job.id, ({ progress }) => (progress?.iteration ?? 0) > 2);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 6000);
    expect(await finished(service, job.id)).toMatchObject({ state: "done", attempts: 1 });
  });

  it("leaves no child behind when the parent is killed", async () => {
    const parents = 5;
    const lifetimesMs: number[] = [];
    for (let i = 0; i < parents; i++) {
      const parent = fork(orphanedParent, [temporaryFolder(), childPath], {
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      const [pid] = (await once(parent, "message")) as [number];
      expect(isAlive(pid)).toBe(true);
      parent.kill("SIGKILL");
      const begun = performance.now();
      await expect.poll(() => isAlive(pid), { interval: 20, timeout: 3000 }).toBe(false);
      lifetimesMs.push(performance.now() - begun);
    }
    console.log(`orphans lived at most ${Math.max(...lifetimesMs).toFixed(0)} ms, of ${parents}`);
  });

  it("ends its child when it is closed, and leaves the job to be resumed", async () => {
    const data = temporaryFolder();
    const pictures = await start({ data });
    const job = await submit(service, request(...pictures, { stepSize: 0.1, iterations: 60 }));
    await reached(service, job.id, ({ progress }) => (progress?.iteration ?? 0) > 5);
    const pid = service.childPid ?? 0;
    await service.close();
    expect(isAlive(pid)).toBe(false);
    service = await openTestService({ data, childPath, supervisor });
    const done = await finished(service, job.id);
    expect(done).toMatchObject({ state: "done", recipe: { resumed: true } });
  });
});
