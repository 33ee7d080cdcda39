// A run's handle: what other code may do to it while it works.

import { expect, test } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";
import { type NativeRun, type NativeRunOptions, stylize } from "../../../native/binding/binding.ts";
import type { NativeRequest, Snapshot } from "../../../native/binding/types.ts";
import { randomPicture } from "../support/objective.ts";
import { longRequest, smallRequest } from "../support/run.ts";

/** Resolves at the first progress that satisfies `condition`; collects all of it. */
function watched(request = longRequest(), options: NativeRunOptions = {}) {
  const seen: Progress[] = [];
  let check = () => {};
  const run: NativeRun = stylize(request, {
    ...options,
    onProgress: (progress) => {
      seen.push(progress);
      check();
    },
  });
  const until = (condition: (progress: Progress) => boolean) =>
    new Promise<Progress>((resolve, reject) => {
      run.result.catch(reject);
      check = () => {
        const found = seen.findLast(condition);
        if (found !== undefined) resolve(found);
      };
      check();
    });
  return { run, seen, until };
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("an abort ends a run that would go on for minutes, with the cancelled error and the signal's reason", async () => {
  const controller = new AbortController();
  const { run, until } = watched(longRequest(), { signal: controller.signal });
  await until(({ iteration }) => iteration >= 3);
  controller.abort("enough");
  // The run would go on for minutes.
  const error = await run.result.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ImpastoError);
  expect(error).toMatchObject({ code: "cancelled", cause: "enough" });
});

test("an abort while a style is measured does not wait for the measurement", async () => {
  const settings = { size: 200, minScale: 200, styleScale: 4 };
  const request = (seed: number) => {
    const styles = [{ picture: randomPicture(800, 800, seed), weight: 1 }];
    return { ...longRequest(settings), styles };
  };
  const begin = performance.now();
  const whole = watched(request(2));
  await whole.until(({ iteration }) => iteration >= 1);
  const measuringMs = performance.now() - begin;
  whole.run.stop();
  await whole.run.result;
  let shortestMs = Number.POSITIVE_INFINITY;
  // The best of three, on a machine that may do something else; each another style, for what was measured is kept.
  for (let tries = 0; tries < 3 && shortestMs > measuringMs / 3; tries++) {
    const controller = new AbortController();
    const { run } = watched(request(3 + tries), { signal: controller.signal });
    await wait(measuringMs / 3);
    const aborted = performance.now();
    controller.abort();
    await expect(run.result).rejects.toMatchObject({ code: "cancelled" });
    shortestMs = Math.min(shortestMs, performance.now() - aborted);
  }
  expect(shortestMs).toBeLessThan(measuringMs / 3);
});

test("snapshots come for every n-th iteration over all scales, each as a run of so many would end", async () => {
  const snapshots: Snapshot[] = [];
  const settings = { minScale: 40, firstIterations: 4, iterations: 6 };
  const onSnapshot = (snapshot: Snapshot) => snapshots.push(snapshot);
  const scales = new Set<number>();
  const options = { snapshots: { every: 3, onSnapshot }, onProgress: ({ scale }: Progress) => scales.add(scale) };
  const { iterations } = await stylize(smallRequest(settings), options).result;
  expect(iterations).toBe(10);
  expect(snapshots.map(({ iteration }) => iteration)).toEqual([3, 6, 9]);
  expect(snapshots.map(({ picture }) => picture.width)).toEqual([45, 64, 64]);
  for (const { iteration, picture } of snapshots.slice(1)) {
    const shorter = await stylize(smallRequest({ ...settings, iterations: iteration - 4 })).result;
    expect(picture.data).toEqual(shorter.picture.data);
  }
});

test("a signal that had aborted before starts nothing", async () => {
  const { result, preview } = stylize(longRequest(), { signal: AbortSignal.abort() });
  await expect(result).rejects.toMatchObject({ code: "cancelled" });
  expect(await preview()).toBeNull();
});

test("stop resolves with the best picture so far", async () => {
  const { run, until } = watched();
  await until(({ iteration }) => iteration >= 3);
  run.stop();
  const { stopped, picture, iterations } = await run.result;
  expect(stopped).toBe(true);
  expect(iterations).toBeGreaterThanOrEqual(3);
  expect(picture).toMatchObject({ width: 64, height: 48 });
});

test("a stop at a coarse scale still gives a picture of the result's size", async () => {
  const { run, until } = watched(longRequest({ minScale: 43 }));
  await until(({ iteration }) => iteration >= 1);
  run.stop();
  expect((await run.result).picture).toMatchObject({ width: 64, height: 48 });
});

test("a paused run stands still, answers, and goes on", async () => {
  const { run, seen, until } = watched();
  await until(({ iteration }) => iteration >= 2);
  run.pause();
  // The iteration in work may still be told; the checkpoint is taken when the run stands.
  expect(await run.checkpoint()).toBeInstanceOf(Uint8Array);
  await wait(100);
  const { length } = seen;
  const elapsed = seen.at(-1)?.secondsElapsed as number;
  await wait(2000);
  expect(seen.length).toBe(length);
  expect(await run.preview()).toMatchObject({ width: 64, height: 48 });
  run.resume();
  const later = await until(({ iteration }) => iteration > (seen[length - 1]?.iteration as number));
  // The pause is no part of it.
  expect(later.secondsElapsed - elapsed).toBeLessThan(1.8);
  run.stop();
  await run.result;
});

test("a paused run can be cancelled and stopped", async () => {
  const controller = new AbortController();
  const first = watched(longRequest(), { signal: controller.signal });
  await first.until(({ iteration }) => iteration >= 1);
  first.run.pause();
  controller.abort();
  await expect(first.run.result).rejects.toMatchObject({ code: "cancelled" });

  const second = watched();
  await second.until(({ iteration }) => iteration >= 1);
  second.run.pause();
  second.run.stop();
  expect((await second.run.result).stopped).toBe(true);
});

test("strength changes while the picture stays", async () => {
  const { run, seen, until } = watched(longRequest({ optimizer: "lbfgs", strength: 30 }));
  const before = await until(({ iteration }) => iteration >= 20);
  run.update({ strength: 80, tvWeight: 0 });
  const after = await until(({ losses }) => losses.tv === 0);
  expect(after.iteration).toBeGreaterThan(before.iteration);
  // The style weighs more now; its own loss goes on from where it was instead of starting over.
  const style = (progress: Progress) => Object.values(progress.losses.styleLayers).reduce((a, b) => a + b, 0);
  expect(style(after)).toBeLessThan(style(before) * 1.1);
  expect(style(after)).toBeLessThan(style(seen[0] as Progress));
  run.stop();
  await run.result;
});

test("what may not change in mid-run is refused by name", async () => {
  const { run } = watched();
  expect(() => run.update({ size: 512 })).toThrow(/strength.*received size/);
  expect(() => run.update({ strength: 200 })).toThrow(RangeError);
  expect(() => run.update({ styleLayerWeights: [1, 2] })).toThrow(/5 numbers for styleLayerWeights/);
  run.stop();
  await run.result;
});

test("a preview is null before the first iteration and the picture of the scale after it", async () => {
  const { run, until } = watched(longRequest({ minScale: 43 }));
  expect(await run.preview()).toBeNull();
  await until(({ iteration }) => iteration >= 2);
  const preview = await run.preview();
  expect(preview).toMatchObject({ width: 45, height: 34 });
  expect(preview?.rgb).toHaveLength(45 * 34 * 3);
  run.stop();
  await run.result;
});

test("a checkpoint of another request, or a damaged one, is refused", async () => {
  const { run, until } = watched();
  await until(({ iteration }) => iteration >= 1);
  const checkpoint = (await run.checkpoint()) as Uint8Array;
  run.stop();
  await run.result;
  const refused = { code: "bad-request", message: expect.stringContaining("checkpoint") };
  const begin = (request = longRequest(), bytes = checkpoint) => stylize({ ...request, checkpoint: bytes }).result;
  await expect(begin(longRequest({ size: 60 }))).rejects.toMatchObject(refused);
  await expect(begin(longRequest({ optimizer: "lbfgs" }))).rejects.toMatchObject(refused);
  await expect(begin(longRequest(), checkpoint.subarray(0, checkpoint.length - 9))).rejects.toMatchObject(refused);
  await expect(begin(longRequest(), new Uint8Array(100))).rejects.toMatchObject(refused);
});

/** Of a run that is interrupted once it has done so many iterations over all scales. */
async function checkpointAt(totalIteration: number, request: NativeRequest): Promise<Uint8Array> {
  const { run, until } = watched(request);
  await until((progress) => progress.totalIteration >= totalIteration);
  run.pause();
  const checkpoint = await run.checkpoint();
  run.stop();
  await run.result;
  return checkpoint as Uint8Array;
}

test.each(["lbfgs", "adam"] as const)("a %s run that was interrupted ends at the same picture", async (optimizer) => {
  // Long enough that a busy machine pauses it before its end.
  const lengths = { minScale: 32, firstIterations: 30, iterations: optimizer === "adam" ? 500 : 300 };
  const settings = { optimizer, averaging: optimizer === "adam" ? 0.9 : 0, ...lengths };
  const straight = await watched(smallRequest(settings)).run.result;
  // In the second scale, with a full memory.
  const checkpoint = await checkpointAt(42, smallRequest(settings));
  const { run, seen } = watched({ ...smallRequest(settings), checkpoint });
  const resumed = await run.result;
  expect(seen[0]?.totalIteration).toBeGreaterThan(42);
  expect(seen[0]?.scaleIndex).toBe(1);
  expect(resumed.iterations).toBe(straight.iterations);
  expect(resumed.picture.data).toEqual(straight.picture.data);
});

test("a run that goes on from a checkpoint says how long the rest takes", async () => {
  const settings = { optimizer: "adam", firstIterations: 500 } as const;
  const checkpoint = await checkpointAt(400, smallRequest(settings));
  const { run, seen } = watched({ ...smallRequest(settings), checkpoint });
  const { seconds } = await run.result;
  // A busy machine's pace changes: one of the first guesses has to be near.
  const begun = (seen[0] as Progress).iteration;
  const guesses = seen.filter(({ iteration }) => iteration < begun + 10);
  const longest = Math.max(...guesses.map(({ secondsElapsed, secondsLeft }) => secondsElapsed + secondsLeft));
  expect(longest).toBeGreaterThan(seconds / 4);
});

test("a run with a time budget has what is left of it when it goes on", async () => {
  const request = longRequest({ budget: 4 });
  const before = watched(request);
  await before.until(({ secondsElapsed }) => secondsElapsed > 2);
  before.run.pause();
  await wait(2500);
  const checkpoint = (await before.run.checkpoint()) as Uint8Array;
  before.run.stop();
  await before.run.result;
  const { run, seen } = watched({ ...request, checkpoint });
  const { seconds } = await run.result;
  expect(seen[0]?.secondsElapsed).toBeGreaterThan(2);
  expect(seen[0]?.secondsLeft).toBeLessThan(2);
  // The pause took nothing from it.
  expect(seen[0]?.secondsLeft).toBeGreaterThan(0.4);
  // Of the whole run: another budget of four seconds would make it six.
  expect(seconds).toBeLessThan(6);
});

/** Where things stand in a checkpoint of watched(longRequest({ averaging: 0.9 })), a canvas of 80 × 64. */
const FLOATS = 3 * 80 * 64;
const PIXELS_AT = 48;
const STEPS_AT = PIXELS_AT + 4 * FLOATS;
const SECOND_AT = STEPS_AT + 8 + 8 + 4 * FLOATS + 8;
const AVERAGE_AT = SECOND_AT + 4 * FLOATS;

test("a checkpoint whose values no run can have is refused", async () => {
  const request = longRequest({ averaging: 0.9 });
  const { run, until } = watched(request);
  await until(({ iteration }) => iteration >= 1);
  const checkpoint = (await run.checkpoint()) as Uint8Array;
  run.stop();
  await run.result;
  const changed = (change: (view: DataView) => void) => {
    const bytes = checkpoint.slice();
    change(new DataView(bytes.buffer));
    return bytes;
  };
  const damaged = {
    "a pixel that is no number": changed((view) => view.setFloat32(PIXELS_AT + 400, Number.NaN, true)),
    "a time that is no number": changed((view) => view.setFloat64(32, Number.NaN, true)),
    "no steps": changed((view) => view.setBigInt64(STEPS_AT, 0n, true)),
    "a negative mean square": changed((view) => view.setFloat32(SECOND_AT + 400, -1, true)),
    "an average of less than nothing": changed((view) => view.setBigInt64(AVERAGE_AT, -1n, true)),
    "more iterations than a count holds": changed((view) => view.setInt32(24, 0x7fffffff, true)),
    "something after its end": Uint8Array.from([...checkpoint, 0]),
  };
  for (const [what, bytes] of Object.entries(damaged)) {
    const handle = stylize({ ...request, checkpoint: bytes });
    setTimeout(() => handle.stop(), 1000);
    await expect(handle.result, what).rejects.toMatchObject({ code: "bad-request" });
  }
  const whole = stylize({ ...request, checkpoint });
  whole.stop();
  expect((await whole.result).stopped).toBe(true);
});

test("a checkpoint is null before the first iteration and after the end", async () => {
  const { run } = watched(smallRequest({ firstIterations: 2 }));
  const early = run.checkpoint();
  await run.result;
  expect(await run.checkpoint()).toBeNull();
  expect([null, "object"]).toContain((await early) === null ? null : "object");
});

test("jobs take turns in the order in which they came; a waiting one can be cancelled and stopped", async () => {
  const order: string[] = [];
  const first = watched();
  await first.until(({ iteration }) => iteration >= 1);
  const controller = new AbortController();
  const waiting = watched(smallRequest());
  const cancelled = watched(smallRequest(), { signal: controller.signal });
  const stopped = watched(smallRequest());
  const last = watched(smallRequest());
  const done = [first, waiting, last].map(({ run }, index) =>
    run.result.then(() => order.push(["a", "b", "c"][index] as string)),
  );
  await wait(100);
  expect(waiting.seen).toHaveLength(0);
  controller.abort();
  await expect(cancelled.run.result).rejects.toMatchObject({ code: "cancelled" });
  stopped.run.stop();
  expect(await stopped.run.result).toMatchObject({ stopped: true, iterations: 0, picture: { width: 64, height: 48 } });
  expect(order).toEqual([]);
  first.run.stop();
  await Promise.all(done);
  expect(order).toEqual(["a", "b", "c"]);
});

test("progress comes at most twenty times a second", async () => {
  const begun = performance.now();
  const { run, seen, until } = watched();
  await until(() => seen.length > 20);
  run.stop();
  await run.result;
  const seconds = (performance.now() - begun) / 1000;
  // The first and the last one come at once.
  expect(seen.length).toBeLessThanOrEqual(20 * seconds + 2);
});

test("an error in one callback keeps neither the others nor the result back", async () => {
  const thrown: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => thrown.push(error));
  try {
    const run = stylize(smallRequest(), {
      onProgress: () => {
        throw new Error("from the callback");
      },
    });
    expect((await run.result).iterations).toBe(10);
    await wait(20);
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
  expect(thrown.length).toBeGreaterThan(0);
});
