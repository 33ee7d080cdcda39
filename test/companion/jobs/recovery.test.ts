// What a starting companion makes of what it finds, and what goes when the disk is full.

import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JobServiceOptions, LocalJobService } from "../../../companion/jobs/job-service.ts";
import { openLedger } from "../../../companion/ledger/ledger.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { dataPaths } from "../../../companion/storage/data-folder.ts";
import { openDatabase } from "../../../companion/storage/database.ts";
import { type FileSystem, realFileSystem } from "../../../companion/storage/file-system.ts";
import { bundleEntries } from "../support/bundle.ts";
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
import { noisePng, sha256 } from "../support/pictures.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";

let childPath = "";
let service: LocalJobService;
let data = "";

beforeAll(async () => {
  [childPath = ""] = await bundleEntries("fake-child");
});
afterEach(() => service.close());

async function open(options: JobServiceOptions = {}): Promise<void> {
  service = await openTestService({ data, childPath, ...options });
}

async function twoPictures(): Promise<[string, string]> {
  return [await upload(service, noisePng(1)), await upload(service, noisePng(2))];
}

/** Inserts finished jobs without having done them. */
function fillLedger(jobs: number): void {
  const ledger = openLedger(dataPaths(data).ledger);
  ledger.transaction(() => {
    for (let i = 0; i < jobs; i++) {
      const id = i.toString(16).padStart(32, "0");
      const hash = sha256(Buffer.from(String(i)));
      const job = {
        id,
        owner: "o",
        request: request(hash, hash),
        settings: DEFAULT_SETTINGS,
        detached: true,
        batch: null,
      };
      ledger.jobs.insert(job, ledger.stamp());
      ledger.jobs.claim(id, ledger.epoch, ledger.stamp());
      if (i % 1000 === 999) continue;
      const result = {
        sha256: hash,
        bytes: 1,
        width: 1,
        height: 1,
        iterations: 1,
        seconds: 1,
        device: "cpu",
        stopped: false,
      };
      ledger.jobs.finish(id, 1, result, {} as never, ledger.stamp());
      ledger.blobs.touch(hash, 1, Date.now());
    }
  });
  ledger.close();
}

describe("a restart", () => {
  it("lets detached jobs go on, and others wait for their client", async () => {
    data = temporaryFolder();
    const engine = new ScriptedEngine();
    await open({ engine });
    const pictures = await twoPictures();
    const attended = await submit(service, request(...pictures, {}, false));
    const detached = await submit(service, request(...pictures, {}, true));
    expect(service.get(attended.id).state).toBe("running");
    await service.close();
    await open();
    expect(service.get(attended.id)).toMatchObject({ state: "paused", pauseReason: "restart" });
    expect(await finished(service, detached.id)).toMatchObject({ state: "done" });
    service.clientBack(attended.id);
    expect(await finished(service, attended.id)).toMatchObject({ state: "done", attempts: 2 });
  });

  it("does a job again whose result is gone or damaged, and never serves that", async () => {
    data = temporaryFolder();
    await open();
    const pictures = await twoPictures();
    for (const damage of ["gone", "changed"]) {
      const job = await submit(service, request(...pictures, { strength: damage === "gone" ? 10 : 20 }));
      const { result } = await finished(service, job.id);
      const hash = result?.sha256 ?? "";
      const blob = join(dataPaths(data).blobs, hash.slice(0, 2), hash);
      await service.close();
      if (damage === "gone") rmSync(blob);
      else writeFileSync(blob, "something else");
      await open();
      await expect(service.result(job.id)).rejects.toMatchObject({ code: "conflict" });
      expect(await finished(service, job.id)).toMatchObject({ state: "done", attempts: 2 });
      expect(sha256(await readAll((await service.result(job.id)).stream))).toBe(service.get(job.id).result?.sha256);
    }
  });

  it("does a job again as it was: the changes and the end by hand where they came", async () => {
    data = temporaryFolder();
    const engine = new ScriptedEngine();
    await open({ engine });
    const { id } = await submit(service, request(...(await twoPictures())));
    engine.progress();
    engine.progress();
    await service.change(id, { settings: { strength: 80 } });
    engine.progress();
    await service.change(id, { action: "stop" });
    engine.finish();
    const { result, changes } = await finished(service, id);
    const hash = result?.sha256 ?? "";
    rmSync(join(dataPaths(data).blobs, hash.slice(0, 2), hash));
    await expect(service.result(id)).rejects.toMatchObject({ code: "conflict" });
    await expect.poll(() => engine.busy, PATIENT).toBe(true);
    expect(engine.active?.order).toMatchObject({ stop: false, changes: [], repeat: { changes, stopAt: 3 } });
    expect(changes).toMatchObject([{ iteration: 2, settings: { strength: 80 } }]);
  });

  it("puts a job on hold during which three companions ended", async () => {
    data = temporaryFolder();
    await open({ engine: new ScriptedEngine() });
    const job = await submit(service, request(...(await twoPictures())));
    await service.close();
    for (let crash = 0; crash < 3; crash++) {
      const ledger = openLedger(dataPaths(data).ledger);
      if (ledger.jobs.find(job.id)?.state === "queued")
        ledger.transaction(() => ledger.jobs.claim(job.id, ledger.epoch, ledger.stamp()));
      ledger.close();
      await open({ engine: new ScriptedEngine(), idle: true });
      if (crash < 2) {
        expect(service.get(job.id).state).toBe("queued");
        await service.close();
      }
    }
    expect(service.get(job.id)).toMatchObject({ state: "paused", pauseReason: "restart" });
  });

  it("sweeps what a crash left half-written", async () => {
    data = temporaryFolder();
    await open();
    await service.close();
    const { temporary, checkpoints } = dataPaths(data);
    writeFileSync(join(temporary, "0123456789abcdef01234567.part"), "half");
    writeFileSync(join(checkpoints, `${"0".repeat(32)}.1`), "of a job that is gone");
    await open();
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(checkpoints)).toEqual([]);
  });

  it("is ready after less than 2 s of work with 10,000 jobs in the ledger", async () => {
    data = temporaryFolder();
    fillLedger(10_000);
    const cpu = process.cpuUsage();
    await open({ engine: new ScriptedEngine() });
    const list = service.list({ limit: 100 });
    const { user, system } = process.cpuUsage(cpu);
    const cpuMs = (user + system) / 1000;
    console.log(`10,000 jobs: ready after ${cpuMs.toFixed(0)} ms of CPU`);
    expect(list).toHaveLength(100);
    // Those that were running have lost their pictures, and say so.
    expect(service.list({ state: "failed", limit: 100 })).toHaveLength(10);
    // Time of the processor: that on the clock is the machine's load as well.
    expect(cpuMs).toBeLessThan(2000);
  });
});

it("forgets what a child says of a job after it was cancelled", async () => {
  data = temporaryFolder();
  const engine = new ScriptedEngine();
  await open({ engine });
  const { id } = await submit(service, request(...(await twoPictures())));
  await service.cancel(id);
  const path = join(dataPaths(data).temporary, "late.part");
  writeFileSync(path, "a preview");
  engine.active?.handlers.preview({ path, width: 1, height: 1 });
  engine.progress();
  engine.release();
  await expect.poll(() => existsSync(path), PATIENT).toBe(false);
  expect(service.get(id).progress).toBeNull();
});

it("keeps a picture for a job that was sent while others were removed with it", async () => {
  data = temporaryFolder();
  const engine = new ScriptedEngine();
  let meanwhile: (() => Promise<unknown>) | null = null;
  async function remove(path: string): Promise<void> {
    const act = path.includes("blobs") ? meanwhile : null;
    if (act !== null) meanwhile = null;
    await act?.();
    await realFileSystem.remove(path);
  }
  await open({ engine, fileSystem: { ...realFileSystem, remove } });
  const [content, style] = await twoPictures();
  const contents = [{ sha256: content }, { sha256: style }];
  const { batch } = await service.submitBatch(
    { name: "b", styles: [{ picture: { sha256: style }, weight: 1 }], settings: {}, contents },
    newKey(),
  );
  for (const _ of contents) {
    await expect.poll(() => engine.busy, PATIENT).toBe(true);
    engine.finish();
  }
  await expect.poll(() => service.getBatch(batch.id).state, PATIENT).toBe("done");
  const [, last] = service.getBatch(batch.id).frames.map(({ result }) => result?.sha256 ?? "");
  meanwhile = () => submit(service, request(last ?? "", style));
  await service.removeBatch(batch.id);
  expect(meanwhile).toBeNull();
  expect(service.hasBlob(last ?? "")).toBe(true);
});

describe("a full disk", () => {
  const MB = 1024 * 1024;

  it("costs the oldest results first, never a picture that a job still needs", async () => {
    data = temporaryFolder();
    await open();
    const pictures = await twoPictures();
    const results: string[] = [];
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const job = await submit(service, request(...pictures, { strength: i }));
      const { result, id } = await finished(service, job.id);
      results.push(result?.sha256 ?? "");
      ids.push(id);
    }
    const { usedBytes } = (await service.doctor()).disk;
    await service.close();
    // One more picture fits only when a result goes.
    const late = noisePng(7, 32);
    await open({ engine: new ScriptedEngine(), space: { quotaBytes: usedBytes + late.length - 1 } });
    const waiting = await upload(service, late);
    await expect(submit(service, request(waiting, pictures[1]))).rejects.toMatchObject({ code: "disk-full" });
    const [first = "", ...others] = ids;
    await expect(service.result(first)).rejects.toMatchObject({ code: "not-found" });
    expect(service.get(first)).toMatchObject({ state: "done", result: { sha256: results[0] } });
    expect(others).toHaveLength(2);
    expect(service.hasBlob(pictures[0])).toBe(true);
    expect(service.hasBlob(waiting)).toBe(true);
  });

  /** A disk whose free space the test sets; below 10 MB it takes nothing more. */
  function disk(freeMB: number) {
    const state = { freeMB };
    const freeSpace = async () => ({ freeBytes: state.freeMB * MB, totalBytes: 1000 * MB });
    const refuse = () => {
      if (state.freeMB < 10) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    };
    const fileSystem: FileSystem = {
      ...realFileSystem,
      freeSpace,
      create: async (path) => {
        refuse();
        return await realFileSystem.create(path);
      },
      rename: async (from, to) => {
        refuse();
        await realFileSystem.rename(from, to);
      },
    };
    return { state, fileSystem };
  }

  it("keeps its results when their room would not be enough", async () => {
    data = temporaryFolder();
    const { state, fileSystem } = disk(100);
    const engine = new ScriptedEngine();
    await open({ engine, fileSystem });
    const pictures = await twoPictures();
    const { id } = await submit(service, request(...pictures));
    engine.finish();
    await finished(service, id);
    state.freeMB = 5;
    await submit(service, request(...pictures));
    expect((await service.result(id)).bytes).toBeGreaterThan(0);
  });

  it("refuses no job that was taken before, when its request is repeated", async () => {
    data = temporaryFolder();
    const { state, fileSystem } = disk(100);
    await open({ engine: new ScriptedEngine(), fileSystem });
    const [wanted, key] = [request(...(await twoPictures())), newKey()];
    const { job } = await service.submit(wanted, key);
    state.freeMB = 0;
    expect(await service.submit(wanted, key)).toMatchObject({ created: false, job: { id: job.id } });
  });

  it("never takes a job whose own picture went to make room for its result", async () => {
    data = temporaryFolder();
    const engine = new ScriptedEngine();
    await open({ engine });
    const pictures = [await upload(service, noisePng(1, 400)), await upload(service, noisePng(2))] as const;
    const { id } = await submit(service, request(...pictures));
    engine.finish();
    await finished(service, id);
    await service.close();
    const database = openDatabase(dataPaths(data).ledger);
    database.run("UPDATE blobs SET used_at = 0");
    database.close();
    await open({ engine: new ScriptedEngine(), space: { quotaBytes: 16 * MB + 100_000 } });
    await expect(submit(service, request(...pictures))).rejects.toMatchObject({ code: "not-found" });
  });

  it("pauses a job whose result does not fit, and says so", async () => {
    data = temporaryFolder();
    const { state: space, fileSystem } = disk(100);
    const engine = new ScriptedEngine();
    await open({ fileSystem, engine, space: { reserveBytes: () => 10 * MB } });
    const job = await submit(service, request(...(await twoPictures())));
    space.freeMB = 5;
    engine.finish();
    await reached(service, job.id, ({ state, pauseReason }) => state === "paused" && pauseReason === "disk-full");
    const late = service.putBlob(sha256(noisePng(9)), Readable.from([noisePng(9)]), undefined);
    await expect(late).rejects.toMatchObject({ code: "disk-full", hint: expect.stringContaining("jobs clean") });
    space.freeMB = 100;
    await service.change(job.id, { action: "resume" });
    engine.finish();
    expect(await finished(service, job.id)).toMatchObject({ state: "done" });
    expect(existsSync(dataPaths(data).ledger)).toBe(true);
  });
});
