// The companion's StyleEngine against the real server and job service: a run, its changes, restarts, batches.

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Progress } from "../../../companion/protocol/progress.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../companion/protocol/settings.ts";
import { FROM_STYLE_ALONE } from "../../../companion/protocol/texture.ts";
import type { BatchFrameStatus, BatchRunState, EngineRequest, RunState } from "../../../ui/engines/style-engine.ts";
import type { SourcePicture } from "../../../ui/host.ts";
import type { CompanionLink } from "../../../ui/state/link.ts";
import { makeTiff } from "../../companion/pictures/kinds/make-tiff.ts";
import { FAULTS } from "../../companion/support/faults.ts";
import { noisePng } from "../../companion/support/pictures.ts";
import { memoryStorage, openLink, type RealCompanion, reached, soon, startCompanion } from "./real-companion.ts";

let companion: RealCompanion;
let link: CompanionLink;
const storage = memoryStorage();

beforeAll(async () => {
  // Node has no picture decoder: previews arrive as marks.
  vi.stubGlobal("createImageBitmap", async () => ({ width: 1, height: 1, close: () => undefined }));
  companion = await startCompanion();
  link = openLink([companion.base], { storage });
  link.start();
  await reached(link, "unpaired");
  await link.pair(await companion.ask("code"));
  await reached(link, "ready");
});
afterAll(async () => {
  link.stop();
  await companion.end();
});

function picture(seed: number): SourcePicture {
  return { bytes: new Uint8Array(noisePng(seed, SIDE)), name: `Noise ${seed}`, width: SIDE, height: SIDE };
}

function request(settings: Partial<Settings> = {}, seed = 1): EngineRequest {
  return {
    content: picture(seed),
    styles: [{ picture: picture(2), weight: 1 }],
    settings: { ...DEFAULT_SETTINGS, network: "fake", iterations: 20, ...settings },
  };
}

function start(asked: EngineRequest) {
  const states: RunState[] = [];
  const progress: Progress[] = [];
  const previews: ImageBitmap[] = [];
  const abort = new AbortController();
  const run = link.engine.stylize(asked, {
    onState: (state) => states.push(state),
    onProgress: (next) => progress.push(next),
    onPreview: (bitmap) => previews.push(bitmap),
    signal: abort.signal,
  });
  run.result.catch(() => undefined);
  return { run, states, progress, previews, abort };
}

/** px; pictures much smaller are refused. */
const SIDE = 32;

/** Iterations of 5 ms: long enough to be changed, stopped and lost. */
const SLOW = { iterations: 400, stepSize: 0.05 };

describe("a run", () => {
  test("uploads, reports and comes back as a PNG", async () => {
    const { run, progress } = start(request());
    const result = await run.result;
    expect([...result.bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(result).toMatchObject({
      width: SIDE,
      height: SIDE,
      iterations: 20,
      stopped: false,
      device: "Fake processor",
    });
    expect(progress.at(-1)?.totalIteration).toBe(20);
  });

  test("stands in the archive afterwards, with its names and settings, small and whole", async () => {
    const { run } = start(request({ strength: 35, detail: 20, device: "cpu" }));
    const { id = "", bytes } = await run.result;
    const { archive } = link.engine;
    const { results = [] } = (await archive?.list()) ?? {};
    expect(results[0]).toMatchObject({ id, contentName: "Noise 1", styleName: "Noise 2", width: SIDE, height: SIDE });
    expect(Math.abs((results[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(results[0]?.settings).toMatchObject({ strength: 35, detail: 20 });
    expect(Object.keys(results[0]?.settings ?? {})).not.toContain("device");
    expect(await archive?.picture(id)).toEqual(bytes);
    expect([...((await archive?.thumbnail(id)) ?? [])].slice(0, 4)).toEqual([0x89, 0x50, 0x4e, 0x47]);
    await expect(archive?.picture("0".repeat(32))).rejects.toMatchObject({ code: "not-found" });
  });

  test("of a batch stands there as one, with each of its results in it", async () => {
    const { styles, settings } = request({ strength: 35 });
    const contents = [11, 12].map((seed) => ({
      id: `f${seed}`,
      name: `Frame ${seed}`,
      read: async () => picture(seed),
    }));
    const states: string[] = [];
    const listeners = { onFrame() {}, onState: (state: string) => void states.push(state) };
    const batch = await link.engine.startBatch({ name: "Noise 2", styles, settings, contents }, listeners);
    await vi.waitFor(() => expect(states.at(-1)).toBe("done"), { timeout: 20_000 });
    const made = await batch.result(0);
    batch.detach();
    const { archive } = link.engine;
    const [first, next] = (await archive?.list())?.results ?? [];
    expect(first).toMatchObject({
      styleName: "Noise 2",
      batch: { id: batch.id, results: 2 },
      settings: { strength: 35 },
    });
    expect(next?.batch?.id).not.toBe(batch.id);
    const frames = (await archive?.batch(batch.id ?? "")) ?? [];
    expect(frames.map(({ contentName, styleName }) => `${contentName} ${styleName}`)).toEqual([
      "Frame 11 Noise 2",
      "Frame 12 Noise 2",
    ]);
    expect([frames[0]?.id, frames[1]?.id]).toEqual([made.id, first?.id]);
    expect(await archive?.picture(made.id ?? "")).toEqual(made.bytes);
  });

  test("of a run that went on from a picture, or painted a texture, gives no settings that a run sets for itself", async () => {
    const wentOn = start({ ...request({ init: "image", size: SIDE, firstIterations: 3 }, 8), initial: picture(5) });
    await wentOn.run.result;
    await start(request({ ...FROM_STYLE_ALONE, styleScale: 2 }, 9)).run.result;
    const [texture, gone] = (await link.engine.archive?.list())?.results ?? [];
    expect(texture?.settings).toEqual({ styleScale: 2, seed: 0 });
    const names = Object.keys(gone?.settings ?? {});
    expect(names).toContain("strength");
    for (const own of ["init", "size", "minScale", "firstIterations"]) expect(names).not.toContain(own);
  });

  test("tells which page of a file of several was taken", async () => {
    const strip = new Uint8Array(SIDE * SIDE * 3).map((_, i) => (i * 7) % 256);
    const page = { width: SIDE, height: SIDE, strip, bits: [8, 8, 8], photometric: 2 };
    const bytes = new Uint8Array(makeTiff([page, page, page]));
    const { run } = start({ ...request(), content: { bytes, name: "Scan", width: SIDE, height: SIDE } });
    expect((await run.result).notes).toEqual(["Scan has 3 frames or pages; the first was taken."]);
  });

  test("tells so of one that browsers do not read, too, which it converts", async () => {
    const strip = new Uint8Array(SIDE * SIDE * 3).fill(99);
    const page = { width: SIDE, height: SIDE, strip, bits: [8, 8, 8], photometric: 2 };
    const convert = async (pages: number) =>
      await link.engine.convert?.({ bytes: new Uint8Array(makeTiff(Array(pages).fill(page))), name: "Zwölf" });
    const converted = await convert(12);
    expect(converted?.notes).toEqual(["has 12 frames or pages; the first was taken"]);
    expect([...(converted?.bytes.subarray(0, 2) ?? [])]).toEqual([0xff, 0xd8]);
    expect((await convert(1))?.notes).toEqual([]);
  });

  test("tells the cost before it starts", async () => {
    expect(await link.engine.plan(request())).toMatchObject({ width: SIDE, height: SIDE, fits: true });
  });

  test("takes changes while it runs, and the latest of several", async () => {
    const { run, progress } = start(request(SLOW, 3));
    await soon(() => expect(progress.length).toBeGreaterThan(0));
    for (const strength of [60, 70, 80]) run.update({ strength });
    await soon(async () => expect((await companion.latestJob()).changes.at(-1)?.settings.strength).toBe(80));
    run.stop();
    expect(await run.result).toMatchObject({ stopped: true });
  });

  test("pauses, resumes, and shows previews", async () => {
    const { run, states, progress, previews } = start(request(SLOW, 4));
    await soon(() => expect(progress.length).toBeGreaterThan(0));
    run.pause();
    await soon(() => expect(states.at(-1)).toBe("paused"));
    run.resume();
    await soon(() => expect(states.at(-1)).toBe("running"));
    await soon(() => expect(previews.length).toBeGreaterThan(0));
    run.stop();
    await run.result;
  });

  test("is cancelled there as well", async () => {
    const { run, progress, abort } = start(request(SLOW, 5));
    await soon(() => expect(progress.length).toBeGreaterThan(0));
    abort.abort();
    await expect(run.result).rejects.toMatchObject({ code: "cancelled" });
    await soon(async () => expect((await companion.latestJob()).state).toBe("cancelled"));
  });

  test("fails with the companion's own words", async () => {
    const { run } = start(request({ seed: FAULTS.outOfMemory }));
    await expect(run.result).rejects.toMatchObject({ code: "out-of-memory", message: "The memory is full." });
  });

  test("goes on by itself when the companion was stopped and is back", async () => {
    const { run, states, progress } = start(request(SLOW, 6));
    await soon(() => expect(progress.length).toBeGreaterThan(3));
    await companion.kill();
    await soon(() => expect(states).toContain("lost"));
    run.update({ strength: 90 });
    await companion.start();
    const result = await run.result;
    expect(result.iterations).toBe(400);
    expect(states.lastIndexOf("running")).toBeGreaterThan(states.indexOf("lost"));
    expect((await companion.latestJob()).changes.at(-1)?.settings.strength).toBe(90);
  });
});

describe("a batch", () => {
  function listeners() {
    const frames = new Map<number, BatchFrameStatus>();
    const states: BatchRunState[] = [];
    return {
      frames,
      states,
      onFrame: (frame: BatchFrameStatus) => void frames.set(frame.index, frame),
      onState: (state: BatchRunState) => void states.push(state),
    };
  }

  function batchOf(count: number, settings: Partial<Settings> = {}) {
    const { styles, settings: all } = request(settings);
    const contents = Array.from({ length: count }, (_, index) => ({
      id: `frame:${index}`,
      name: `Frame ${index}`,
      read: async () => picture(100 + index),
    }));
    return { name: "Noise", styles, settings: all, contents };
  }

  test("reads, queues and finishes every frame, and hands out the results", async () => {
    const told = listeners();
    const batch = await link.engine.startBatch(batchOf(5), told);
    await soon(() => expect(told.states.at(-1)).toBe("done"));
    expect([...told.frames.values()].map(({ state }) => state)).toEqual(Array(5).fill("done"));
    expect((await batch.result(4)).width).toBe(SIDE);
    batch.detach();
  });

  test("of more frames than one takes is refused before any is read", async () => {
    const asked = batchOf(2001);
    const read = vi.fn(async () => picture(1));
    const contents = asked.contents.map((content) => ({ ...content, read }));
    const refused = link.engine.startBatch({ ...asked, contents }, listeners());
    await expect(refused).rejects.toThrow("A batch has at most 2000 pictures; these are 2001.");
    expect(read).not.toHaveBeenCalled();
  });

  test("leaves out a frame that can not be read, and keeps the places of the others", async () => {
    const told = listeners();
    const asked = batchOf(3);
    (asked.contents[1] as { read(): Promise<SourcePicture> }).read = () => Promise.reject(new Error("gone"));
    const complained = vi.spyOn(console, "error").mockReturnValue(undefined);
    const batch = await link.engine.startBatch(asked, told);
    await soon(() => expect(told.states.at(-1)).toBe("done"));
    expect([0, 1, 2].map((index) => told.frames.get(index)?.state)).toEqual(["done", "failed", "done"]);
    expect((await batch.result(2)).width).toBe(SIDE);
    complained.mockRestore();
    batch.detach();
  });

  test("outlives the companion and the panel: found again by its id, with every frame", async () => {
    const told = listeners();
    const batch = await link.engine.startBatch(batchOf(6, { iterations: 60, stepSize: 0.05 }), told);
    await soon(() => expect(told.frames.get(1)?.state).toBe("done"));
    batch.detach();
    await companion.kill();
    await companion.start();
    await reached(link, "ready");
    const again = listeners();
    const found = await link.engine.attachBatch(batch.id as string, again);
    expect(found).not.toBeNull();
    await soon(() => expect(again.states.at(-1)).toBe("done"));
    expect([...again.frames.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await found?.result(5))?.width).toBe(SIDE);
    found?.detach();
  });

  test("skips, retries and is cancelled", async () => {
    const told = listeners();
    const batch = await link.engine.startBatch(batchOf(3, SLOW), told);
    await soon(() => expect(told.frames.get(0)?.state).toBe("running"));
    batch.skip([2]);
    await soon(() => expect(told.frames.get(2)?.state).toBe("skipped"));
    batch.pause();
    await soon(() => expect(told.states.at(-1)).toBe("paused"));
    batch.resume();
    await soon(() => expect(told.states.at(-1)).toBe("running"));
    batch.cancel();
    await soon(() => expect(told.states.at(-1)).toBe("cancelled"));
    batch.retry([0]);
    await soon(() => expect(["queued", "running"]).toContain(told.frames.get(0)?.state));
    batch.cancel();
    await soon(() => expect(told.states.at(-1)).toBe("cancelled"));
    batch.detach();
  });

  test("that is unknown is not found", async () => {
    expect(await link.engine.attachBatch("0".repeat(32), listeners())).toBeNull();
  });
});
