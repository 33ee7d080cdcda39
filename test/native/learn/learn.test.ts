// Learning a style: what is painted comes nearer to it, a run that was interrupted goes on, a stopped one keeps what it has.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Progress } from "../../../companion/protocol/progress.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { type LearnOptions, type LearnRequest, learn } from "../../../native/binding/learn.ts";
import { makeDetailer, writeDetailer } from "../support/detailer.ts";
import { randomPicture } from "../support/objective.ts";
import { NETWORK } from "../support/run.ts";

const folder = mkdtempSync(join(tmpdir(), "impasto-learn-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = makeDetailer();
const DETAILER = writeDetailer(join(folder, "detailer.safetensors"), file);
const sizeOf = (names: RegExp) =>
  [...file.tensors].reduce((sum, [name, { values }]) => sum + (names.test(name) ? values.length : 0), 0);
const COUNT = sizeOf(/./);
/** Of all convolutions. */
const CHANNELS = sizeOf(/bias/);
const BANK = 3;
const OWN_COUNTS = { cin: 2 * CHANNELS, stylebank: sizeOf(/level4\.conv2/) };

/** Goes on for minutes, unless it is ended. */
const request = (changes: Partial<LearnRequest> = {}): LearnRequest => ({
  styles: [randomPicture(90, 70, 3)],
  frames: [randomPicture(100, 64, 1), randomPicture(40, 90, 2)],
  settings: { ...DEFAULT_SETTINGS, quality: "quick", device: "cpu", threads: 2, firstIterations: 2 },
  seconds: 600,
  pieces: 3,
  draftSide: 32,
  own: "filters",
  painter: { networkPath: NETWORK, detailerPath: DETAILER },
  criticPath: NETWORK,
  ...changes,
});

/** Resolves at the first step that has this number or a higher one. */
function untilStep(wanted: number): { reached: Promise<Progress>; options: LearnOptions; steps: number[] } {
  const steps: number[] = [];
  let tell = (_: Progress): void => {};
  const reached = new Promise<Progress>((resolve) => (tell = resolve));
  const onProgress = (progress: Progress) => {
    if (progress.phase !== "learn") return;
    steps.push(progress.iteration);
    if (progress.iteration >= wanted) tell(progress);
  };
  return { reached, options: { onProgress }, steps };
}

test("what is painted comes nearer to the style, and a stopped run keeps what it has", async () => {
  const { reached, options } = untilStep(12);
  const run = learn(request(), options);
  await reached;
  const preview = await run.preview();
  run.stop();
  const learned = await run.result;
  expect(preview).toMatchObject({ width: 64, height: 64 });
  expect(learned.stopped).toBe(true);
  expect(learned.iterations).toBeGreaterThanOrEqual(12);
  expect(learned.filters).toHaveLength(COUNT);
  expect(learned.filters.every(Number.isFinite)).toBe(true);
  // A detailer of random filters paints anything but the style, and a dozen steps, most of them small, take 7 % off.
  expect(learned.gapAfter).toBeLessThan(0.97 * learned.gapBefore);
}, 120_000);

test("goes on from a checkpoint, and refuses one of something else", async () => {
  const first = untilStep(3);
  const abort = new AbortController();
  const run = learn(request(), { ...first.options, signal: abort.signal });
  await first.reached;
  const checkpoint = (await run.checkpoint()) as Uint8Array;
  abort.abort();
  await expect(run.result).rejects.toMatchObject({ code: "cancelled" });

  const second = untilStep(4);
  const again = learn(request({ checkpoint }), second.options);
  await second.reached;
  again.stop();
  await again.result;
  expect(second.steps[0]).toBeGreaterThanOrEqual(4);

  const damaged = learn(request({ checkpoint: checkpoint.subarray(0, -8) }));
  await expect(damaged.result).rejects.toMatchObject({ code: "bad-request" });
}, 120_000);

test.each(["cin", "stylebank"] as const)(
  "two styles share a detailer, and each has its own: %s",
  async (own) => {
    const both = [randomPicture(90, 70, 3), randomPicture(60, 60, 4)];
    const { reached, options } = untilStep(6);
    const run = learn(request({ styles: both, own, bank: BANK, pieces: 2 }), options);
    await reached;
    run.stop();
    const learned = await run.result;
    expect(learned.filters).toHaveLength(COUNT);
    expect(learned.own.map(({ length }) => length)).toEqual([OWN_COUNTS[own], OWN_COUNTS[own]]);
    expect(learned.own[0]).not.toEqual(learned.own[1]);
    expect(learned.gapAfter).toBeLessThan(learned.gapBefore);
  },
  120_000,
);

test("with what is shared frozen a style's own is all that changes, and brings it nearer", async () => {
  const { reached, options } = untilStep(6);
  const run = learn(request({ own: "cin", frozen: true }), options);
  await reached;
  run.stop();
  const { filters, own, gapBefore, gapAfter } = await run.result;
  const shared = [...file.tensors.values()].flatMap(({ values }) => [...values]);
  expect([...filters]).toEqual(shared);
  const [channels] = own as [Float32Array];
  expect(channels.slice(0, CHANNELS).every((scale) => scale === 1)).toBe(false);
  expect(gapAfter).toBeLessThan(gapBefore);
}, 120_000);

test("several styles with all filters of their own are refused, and a bank that is no convolution", async () => {
  const styles = [randomPicture(90, 70, 3), randomPicture(60, 60, 4)];
  for (const wrong of [{ styles }, { own: "stylebank", bank: 99 }] as const) {
    await expect(learn(request(wrong)).result).rejects.toMatchObject({ code: "bad-request" });
  }
}, 60_000);

test("without a second to learn in, nothing changes", async () => {
  const learned = await learn(request({ seconds: 0 })).result;
  expect(learned).toMatchObject({ iterations: 0, stopped: false });
  expect(learned.gapAfter).toBe(learned.gapBefore);
}, 60_000);

test("refuses no styles, no frames and a time that is none", () => {
  expect(() => learn(request({ styles: [] }))).toThrow(/styles/);
  expect(() => learn(request({ frames: [] }))).toThrow(/frames/);
  expect(() => learn(request({ seconds: Number.NaN }))).toThrow(/seconds/);
});
