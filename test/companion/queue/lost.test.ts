// Workers, entries and companions that are lost, one at a time and each on purpose: what becomes of the job.

import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { type Ghost, ghostTakes } from "../support/ghost-worker.ts";
import { finished, PATIENT } from "../support/job-service.ts";
import type { TestRedis } from "../support/redis.ts";
import { openStudio, type Studio } from "../support/studio.ts";
import { aroundAllWithRedis } from "../support/studio-hooks.ts";

let redis: TestRedis;
let studio: Studio;
aroundAllWithRedis((started) => {
  redis = started;
});
afterEach(() => studio.close());

async function open(options: { version?: string } = {}): Promise<void> {
  studio = await openStudio(redis, options);
}

function ghost(name = "ghost"): Promise<Ghost> {
  const { address, token } = studio.face;
  return ghostTakes({ url: redis.url, address, token, name });
}

describe("a worker that is gone", () => {
  it("leaves its job to another one, which goes on from the checkpoint that it had sent", async () => {
    await open();
    const id = await studio.submit();
    const { link, query, order, worker, vanish } = await ghost();
    await link.send("workCheckpointPut", { params: { id }, query, body: Buffer.from("a state") });
    const progress = progressAt(50);
    const body = { type: "checkpoint" as const, worker, attempt: order.attempt, progress };
    await link.send("workReport", { params: { id }, body });
    await vanish();
    const { engine } = await studio.join("heir");
    await expect.poll(() => engine.job, PATIENT).toBe(id);
    expect(studio.service.get(id)).toMatchObject({ state: "running", attempts: 2, worker: "heir" });
    expect(readFileSync(engine.active?.order.resumeFrom ?? "", "utf8")).toBe("a state");
    expect(studio.log()).toContainEqual(expect.objectContaining({ event: "worker-lost", job: id, worker: "ghost" }));
    engine.finish();
    expect(await finished(studio.service, id)).toMatchObject({ state: "done", recipe: { resumed: true } });
  });

  it("three times over has its job set aside, and the next one is done", async () => {
    await open();
    const id = await studio.submit();
    for (const name of ["first", "second", "third"]) {
      const { order, vanish } = await ghost(name);
      expect(order).toMatchObject({ job: id });
      await vanish();
    }
    const next = await studio.submit();
    const { engine } = await studio.join("survivor");
    await expect.poll(() => engine.job, PATIENT).toBe(next);
    engine.finish();
    expect(await finished(studio.service, next)).toMatchObject({ state: "done", attempts: 1 });
    const failed = await finished(studio.service, id);
    expect(failed).toMatchObject({ state: "failed", attempts: 3, error: { code: "engine-crashed" } });
    expect(engine.busy).toBe(false);
  });

  it("is told so when it comes back with its result, and the other one's counts", async () => {
    await open();
    const id = await studio.submit();
    const late = await ghost();
    await late.bull.close();
    const { engine } = await studio.join("heir");
    await expect.poll(() => engine.job, PATIENT).toBe(id);
    await expect(late.finish()).rejects.toMatchObject({ code: "conflict" });
    engine.finish();
    expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 2, worker: "heir" });
    late.link.close();
  });
});

describe("Redis that was emptied", () => {
  it("gets the waiting jobs again from the ledger", async () => {
    await open();
    const ids = [await studio.submit(), await studio.submit()];
    await expect.poll(async () => count(await redis.everything(), ids), PATIENT).toBe(2);
    await redis.flush();
    const { engine } = await studio.join("worker");
    for (const id of ids) {
      await expect.poll(() => engine.job, PATIENT).toBe(id);
      engine.finish();
      expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 1 });
    }
  });

  it("takes no job from a worker that has it in work", async () => {
    await open();
    const id = await studio.submit();
    const { engine } = await studio.join("worker");
    await expect.poll(() => engine.job, PATIENT).toBe(id);
    await redis.flush();
    const other = await studio.join("idle");
    const next = await studio.submit();
    await expect.poll(() => other.engine.job, PATIENT).toBe(next);
    engine.finish();
    other.engine.finish();
    expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 1, worker: "worker" });
    expect(await finished(studio.service, next)).toMatchObject({ state: "done", attempts: 1, worker: "idle" });
  });

  it("loses no job whose worker is gone as well", async () => {
    await open();
    const id = await studio.submit();
    await (await ghost()).vanish();
    await redis.flush();
    const { engine } = await studio.join("heir");
    await expect.poll(() => engine.job, PATIENT).toBe(id);
    engine.finish();
    expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 2, worker: "heir" });
  });
});

describe("a worker that is there", () => {
  it("keeps the job that the queue took for stalled", async () => {
    await open();
    const id = await studio.submit();
    const { order, query, entry, bull, link, beat, vanish } = await ghost("slow");
    // Nobody renews its hold on the entry, but it says that it is at work.
    const beating = setInterval(() => void beat([{ job: id, attempt: order.attempt }]).catch(() => undefined), 100);
    const { engine } = await studio.join("eager");
    const stands = async () => (await redis.everything()).includes(bull.entryKey("interactive", entry.id ?? ""));
    await expect.poll(stands, PATIENT).toBe(false);
    expect(engine.busy).toBe(false);
    expect(studio.service.get(id)).toMatchObject({ state: "running", attempts: 1, worker: "slow" });
    const { worker } = query;
    const body = { type: "released" as const, worker, attempt: order.attempt };
    await link.send("workReport", { params: { id }, body });
    clearInterval(beating);
    await vanish();
    await expect.poll(() => engine.job, PATIENT).toBe(id);
    engine.finish();
    expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 2, worker: "eager" });
  });

  it("loses the job that it dropped without a word", async () => {
    await open();
    const id = await studio.submit();
    const { entry, token, beat, vanish } = await ghost("forgetful");
    await entry.moveToCompleted(null, token, false);
    const beating = setInterval(() => void beat([]).catch(() => undefined), 100);
    const { engine } = await studio.join("other");
    await expect.poll(() => engine.job, PATIENT).toBe(id);
    clearInterval(beating);
    expect(studio.service.get(id)).toMatchObject({ attempts: 2, worker: "other" });
    engine.finish();
    await finished(studio.service, id);
    await vanish();
  });

  it("goes on through its companion's restart, and brings its result to the next one", async () => {
    await open();
    const id = await studio.submit();
    const { engine } = await studio.join("worker");
    await expect.poll(() => engine.job, PATIENT).toBe(id);
    await studio.restart();
    expect(studio.service.get(id)).toMatchObject({ state: "running", attempts: 1, worker: "worker" });
    engine.finish();
    expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 1 });
    const next = await studio.submit();
    await expect.poll(() => engine.job, PATIENT).toBe(next);
    engine.finish();
    await finished(studio.service, next);
  });

  it("brings its last checkpoint home when it ends while the companion is away", async () => {
    await open();
    const id = await studio.submit();
    const { engine, agent } = await studio.join("leaving");
    await expect.poll(() => engine.job, PATIENT).toBe(id);
    engine.close = async () => {
      engine.checkpoint();
      engine.release();
    };
    await studio.face.stop();
    const leaving = agent.close();
    await studio.restart();
    await leaving;
    expect(studio.service.get(id)).toMatchObject({ state: "queued", attempts: 1 });
    const heir = await studio.join("heir");
    await expect.poll(() => heir.engine.job, PATIENT).toBe(id);
    expect(readFileSync(heir.engine.active?.order.resumeFrom ?? "", "utf8")).toBe("a checkpoint");
    heir.engine.finish();
    expect(await finished(studio.service, id)).toMatchObject({ state: "done", attempts: 2, worker: "heir" });
  });

  it("hears of what was wanted while the companion was away", async () => {
    await open();
    const id = await studio.submit();
    const { engine } = await studio.join("worker");
    await expect.poll(() => engine.job, PATIENT).toBe(id);
    engine.progress();
    await studio.face.stop();
    await studio.service.change(id, { settings: { strength: 88 } });
    await studio.service.change(id, { action: "stop" });
    await studio.restart();
    await expect.poll(() => engine.told, PATIENT).toEqual(["update", "stop"]);
    engine.finish();
    const { recipe } = await finished(studio.service, id);
    expect(recipe?.changes).toMatchObject([{ settings: { strength: 88 } }]);
  });
});

describe("versions", () => {
  it("keep an older worker from every job, and tell it and others why", async () => {
    await open({ version: "2.1.0" });
    const id = await studio.submit();
    const old = await studio.join("old", { version: "2.0.9" });
    const said = "This worker is Impasto 2.0.9, older than the companion, which is 2.1.0.";
    expect(old.refusals).toMatchObject([{ code: "version-mismatch", message: said }]);
    expect(studio.service.desk?.workers().workers).toMatchObject([{ name: "old", refused: said, jobs: [] }]);
    const newer = await studio.join("newer", { version: "2.2.0" });
    await expect.poll(() => newer.engine.job, PATIENT).toBe(id);
    expect(old.engine.busy).toBe(false);
    newer.engine.finish();
    await finished(studio.service, id);
  });

  it("are asked for again at each claim, whatever a worker believes", async () => {
    await open({ version: "2.1.0" });
    const { refused } = studio.service.desk?.beat("p", { ...ABOUT, version: "1.0.0" }) ?? {};
    expect(refused?.code).toBe("version-mismatch");
    const claim = { worker: ABOUT.worker, job: await studio.submit(), entry: "e", start: 1 };
    await expect(studio.service.desk?.claim("p", claim)).rejects.toMatchObject({ code: "version-mismatch" });
  });
});

const ABOUT = { worker: "a".repeat(32), name: "w", version: "", protocol: 2, slots: 1, devices: [], held: [] };

function count(text: string, words: readonly string[]): number {
  return words.filter((word) => text.includes(word)).length;
}

function progressAt(iteration: number) {
  return {
    ...{ phase: "optimize" as const, fraction: 0.5, scale: 1, scaleIndex: 0, scaleCount: 1, width: 1, height: 1 },
    ...{ iteration, iterations: 100, totalIteration: iteration, totalIterations: 100 },
    losses: { content: 0, style: 0, tv: 0, total: 0, contentLayers: {}, styleLayers: {} },
    ...{ secondsElapsed: 0, secondsLeft: 0, device: "cpu" },
  };
}
