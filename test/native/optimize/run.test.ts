// Runs of the native engine from request to result: what each setting does, and what happens to a picture on its way.

import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";
import { plan, stylize } from "../../../native/binding/binding.ts";
import type { EngineSettings, TraceRecord } from "../../../native/binding/types.ts";
import { makeNetwork } from "../../bench/make-network.mjs";
import { randomPicture, relativeError, temporaryFile } from "../support/objective.ts";
import { NETWORK, smallRequest } from "../support/run.ts";
import { TOLERANCES } from "../support/tolerances.ts";

async function trace(settings: Partial<EngineSettings>): Promise<TraceRecord[]> {
  const records: TraceRecord[] = [];
  await stylize(smallRequest(settings), { onTrace: (batch) => records.push(...batch) }).result;
  return records;
}

function expectUnitRange({ data }: Picture): void {
  expect(data.every((value) => value >= 0 && value <= 1)).toBe(true);
}

test.each([
  ["lbfgs", "w2", [0.66686, 0.64604, 0.61704, 0.59854], 0.501],
  ["lbfgs", "gram-normalized", [0.658093, 0.606678, 0.557572, 0.523558], 0.4497],
  ["adam", "w2", [0.85445, 0.64189, 0.6581, 0.62537], 0.5199],
  ["adam", "gram-normalized", [1.581398, 0.580843, 0.738073, 0.728476], 0.497314],
] as const)(
  "%s with %s begins on the curve on record and reaches its loss",
  async (optimizer, styleLoss, begin, end) => {
    const weights = { contentWeight: 1, styleWeight: 10, tvWeight: 1 };
    const totals = (await trace({ ...weights, optimizer, styleLoss })).map(({ losses }) => losses.total);
    expect(totals).toHaveLength(10);
    const { first, tenth } = TOLERANCES.curve[`${optimizer} ${styleLoss}`];
    for (const [i, expected] of begin.entries()) {
      expect(relativeError([totals[i] as number], [expected]), `iteration ${i + 1} of ${totals}`).toBeLessThan(first);
    }
    expect(relativeError(totals.slice(-1), [end]), `the last of ${totals}`).toBeLessThan(tenth);
  },
);

test("a trace has every iteration of every scale, and its terms add up", async () => {
  const records = await trace({ minScale: 40, firstIterations: 5, iterations: 3 });
  expect(records.map(({ scale, iteration }) => [scale, iteration])).toEqual([
    ...[1, 2, 3, 4, 5].map((iteration) => [45, iteration]),
    ...[1, 2, 3].map((iteration) => [64, iteration]),
  ]);
  expect(records.map(({ totalIteration }) => totalIteration)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  for (const { losses } of records) {
    expect(losses.content + losses.style + losses.tv).toBeCloseTo(losses.total, 6);
    expect(Object.keys(losses.styleLayers)).toEqual(["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]);
    expect(Object.keys(losses.contentLayers)).toEqual(["relu4_2"]);
  }
});

test("L-BFGS descends, and the result is the last and best of its pictures", async () => {
  const records: TraceRecord[] = [];
  const request = smallRequest({ firstIterations: 30 });
  const result = await stylize(request, { onTrace: (batch) => records.push(...batch) }).result;
  const totals = records.map(({ losses }) => losses.total);
  for (let i = 1; i < totals.length; i++) expect(totals[i]).toBeLessThanOrEqual((totals[i - 1] as number) * 1.00002);
  expect(result.losses.total).toBe(Math.min(...totals));
  expect(result.stopped).toBe(false);
  expect(result.device).toBe("cpu");
  expect(result.picture).toMatchObject({ width: 64, height: 48, channels: 3 });
  expectUnitRange(result.picture);
});

test("strength 0 returns the content unchanged, bit by bit", async () => {
  const request = smallRequest({ strength: 0 });
  const { picture, iterations } = await stylize(request).result;
  expect(iterations).toBe(0);
  expect(picture.data).toEqual(request.content.data);
});

test("more strength means less style loss and more content loss", async () => {
  const ends = await Promise.all(
    [10, 50, 90].map(async (strength) => {
      const { losses } = await stylize(smallRequest({ strength, firstIterations: 40 })).result;
      const sum = (terms: Record<string, number>) => Object.values(terms).reduce((a, b) => a + b, 0);
      return { content: sum(losses.contentLayers), style: sum(losses.styleLayers) };
    }),
  );
  const [weak, middle, strong] = ends;
  expect(weak?.content).toBeLessThan(middle?.content as number);
  expect(middle?.content).toBeLessThan(strong?.content as number);
  expect(weak?.style).toBeGreaterThan(middle?.style as number);
  expect(middle?.style).toBeGreaterThan(strong?.style as number);
});

test("weights set by hand override strength", async () => {
  const byHand = { contentWeight: 0.5, styleWeight: 3 };
  const weak = await trace({ strength: 20, ...byHand });
  const strong = await trace({ strength: 80, ...byHand });
  expect(weak.map(({ losses }) => losses.total)).toEqual(strong.map(({ losses }) => losses.total));
  const [first] = weak;
  expect((await trace({ strength: 0, styleWeight: 3 })).length).toBeGreaterThan(0);
  expect(first?.losses.content).toBeCloseTo(0.5 * (first?.losses.contentLayers.relu4_2 as number), 8);
});

test("the same request gives the same bytes", async () => {
  const request = smallRequest({ init: "noise", seed: 7, minScale: 40 });
  const once = await stylize(request).result;
  const again = await stylize(request).result;
  expect(again.picture.data).toEqual(once.picture.data);
  const other = await stylize({ ...request, settings: { ...request.settings, seed: 8 } }).result;
  expect(other.picture.data).not.toEqual(once.picture.data);
});

test("two threads give the same bytes twice", async () => {
  const request = smallRequest({ threads: 2 });
  const once = await stylize(request).result;
  expect((await stylize(request).result).picture.data).toEqual(once.picture.data);
});

test.each(["content", "noise", "style-colors", "image"] as const)("starts from %s", async (init) => {
  const request = smallRequest({ init, firstIterations: 1 });
  const { picture } = await stylize({ ...request, initial: randomPicture(90, 70, 9) }).result;
  expectUnitRange(picture);
});

test.each(["gram", "gram-normalized", "w2", "patches", "nearest"] as const)(
  "descends on %s with either optimizer",
  async (styleLoss) => {
    for (const optimizer of ["lbfgs", "adam"] as const) {
      const totals = (await trace({ styleLoss, optimizer, firstIterations: 20 })).map(({ losses }) => losses.total);
      expect(totals.at(-1), optimizer).toBeLessThan(0.9 * (totals[0] as number));
    }
  },
);

test("alpha is given back as it was, and hidden pixels change nothing", async () => {
  const size = 64;
  const plane = size * size;
  const content = randomPicture(size, size, 4, 4);
  for (let i = 0; i < plane; i++) content.data[3 * plane + i] = i % size < size / 2 ? 1 : 0;
  const changed = { ...content, data: content.data.slice() };
  for (let i = 0; i < plane; i++) if (i % size >= size / 2) changed.data[i] = 1 - (content.data[i] as number);
  const request = smallRequest();
  const once = await stylize({ ...request, content }).result;
  const again = await stylize({ ...request, content: changed }).result;
  expect(once.picture.channels).toBe(4);
  expect(once.picture.data.subarray(3 * plane)).toEqual(content.data.subarray(3 * plane));
  expect(again.picture.data).toEqual(once.picture.data);
});

test("keeping colors changes only light and dark", async () => {
  const request = smallRequest({ colors: "keep" });
  const { picture } = await stylize(request).result;
  const n = 64 * 48;
  let moved = 0;
  for (let i = 0; i < n; i++) {
    const at = (data: Float32Array, c: number) => data[c * n + i] as number;
    const clipped = [0, 1, 2].some((c) => at(picture.data, c) <= 0 || at(picture.data, c) >= 1);
    if (clipped) continue;
    const difference = at(picture.data, 0) - at(request.content.data, 0);
    moved = Math.max(moved, Math.abs(difference));
    for (const c of [1, 2]) {
      expect(at(picture.data, c) - at(request.content.data, c)).toBeCloseTo(difference, 5);
    }
  }
  expect(moved).toBeGreaterThan(0.05);
});

test("several styles are blended by their weights", async () => {
  const request = smallRequest();
  const other = { picture: randomPicture(60, 50, 12), weight: 1 };
  const first = request.styles[0] as (typeof request.styles)[0];
  const alone = await stylize(request).result;
  const weightless = await stylize({ ...request, styles: [first, { ...other, weight: 0 }] }).result;
  const both = await stylize({ ...request, styles: [first, other] }).result;
  expect(weightless.picture.data).toEqual(alone.picture.data);
  expect(both.picture.data).not.toEqual(alone.picture.data);
});

test("the average over iterates is what averaging returns", async () => {
  const settings = { optimizer: "adam", stepSize: 0.1, firstIterations: 25 } as const;
  const plain = await stylize(smallRequest(settings)).result;
  const averaged = await stylize(smallRequest({ ...settings, averaging: 0.9 })).result;
  expect(averaged.picture.data).not.toEqual(plain.picture.data);
  expectUnitRange(averaged.picture);
});

test("a time budget replaces the iteration counts", async () => {
  const settings = { optimizer: "adam", budget: 2, minScale: 32, firstIterations: 3, iterations: 2 } as const;
  let shortest = Number.POSITIVE_INFINITY;
  // The best of three: a busy machine may hold up the iteration that every scale gets.
  for (let tries = 0; tries < 3 && shortest > 4; tries++) {
    const { iterations, seconds } = await stylize(smallRequest(settings)).result;
    expect(seconds).toBeGreaterThan(1);
    expect(iterations).toBeGreaterThan(3 + 2 + 2);
    shortest = Math.min(shortest, seconds);
  }
  expect(shortest).toBeLessThan(4);
});

test("progress counts up to the announced total and names the device", async () => {
  const seen: Progress[] = [];
  await stylize(smallRequest({ minScale: 40 }), { onProgress: (progress) => seen.push(progress) }).result;
  const last = seen.at(-1) as Progress;
  expect(last).toMatchObject({ scaleIndex: 1, scaleCount: 2, totalIteration: 20, totalIterations: 20, device: "cpu" });
  expect(last).toMatchObject({ scale: 64, width: 64, height: 48, iteration: 10, iterations: 10, secondsLeft: 0 });
  for (let i = 1; i < seen.length; i++) {
    expect(seen[i]?.totalIteration).toBeGreaterThan(seen[i - 1]?.totalIteration as number);
  }
});

test("pictures of one color are painted like others", async () => {
  const flat = (value: number) => ({
    width: 64,
    height: 48,
    channels: 3 as const,
    data: new Float32Array(9216).fill(value),
  });
  const request = { ...smallRequest(), content: flat(0.3), styles: [{ picture: flat(0.7), weight: 1 }] };
  const { picture } = await stylize(request).result;
  const mean = picture.data.reduce((a, b) => a + b) / picture.data.length;
  expect(mean).toBeGreaterThan(0.4);
  expect(mean).toBeLessThan(0.8);
});

test("a picture that no step makes better is returned with its own losses", async () => {
  const flat: Picture = { width: 64, height: 48, channels: 3, data: new Float32Array(9216).fill(0.3) };
  const request = { ...smallRequest({ tvWeight: 0 }), content: flat, styles: [{ picture: flat, weight: 1 }] };
  const { losses } = await stylize(request).result;
  expect(Object.keys(losses.styleLayers)).toEqual(request.settings.styleLayers);
  expect(losses.total).toBeGreaterThan(0);
});

test("a network file that is exchanged between two runs is measured anew", async () => {
  const settings = { styleLoss: "gram", styleLayers: ["relu1_1"], contentLayers: ["relu2_1"] } as const;
  const networkPath = temporaryFile("exchanged.safetensors", makeNetwork({ width: 1 / 16, last: "relu2_1" }));
  const run = async () => (await stylize({ ...smallRequest(settings), networkPath }).result).picture.data;
  await run();
  const other = makeNetwork({ width: 1 / 8, seed: 2, last: "relu2_1" });
  writeFileSync(networkPath, other);
  const exchanged = await run();
  const fresh = temporaryFile("fresh.safetensors", other);
  expect(exchanged).toEqual((await stylize({ ...smallRequest(settings), networkPath: fresh }).result).picture.data);
});

test("a plan's time is that of the request's own pool and style statistic", async () => {
  const content = { width: 64, height: 64 };
  const seconds = async (settings: Partial<EngineSettings>) =>
    (await plan({ content, styles: [], settings: smallRequest(settings).settings, networkPath: NETWORK })).seconds;
  const times = [await seconds({ styleLoss: "gram" }), await seconds({ styleLoss: "w2" })];
  times.push(await seconds({ styleLoss: "w2", pooling: "max" }));
  expect(new Set(times).size).toBe(3);
});

test("a result that would be too narrow is refused", async () => {
  const content = randomPicture(320, 32, 3);
  const refused = stylize({ ...smallRequest({ size: 200 }), content }).result;
  await expect(refused).rejects.toMatchObject({ code: "bad-picture", message: expect.stringContaining("200 × 20") });
});

test("a result that does not fit into memory is refused with the largest size that does", async () => {
  const refused = stylize(smallRequest({ size: 8192, memory: 0.5 })).result;
  await expect(refused).rejects.toMatchObject({
    code: "out-of-memory",
    message: expect.stringMatching(/8192 px needs \d+\.\d GB of memory and 0\.5 GB are allowed/),
    hint: expect.stringMatching(/size of \d+ px or less, or allow more memory/),
  });
});

test("without a GPU the CPU does the work, and the result says why", async (context) => {
  if (process.platform !== "linux") context.skip("a driver can only be hidden from Vulkan's loader");
  // Read when the first GPU session of this process is opened.
  process.env.VK_DRIVER_FILES = "/nowhere/icd.json";
  process.env.VK_ICD_FILENAMES = "/nowhere/icd.json";
  const seen: Progress[] = [];
  const request = smallRequest({ device: "webgpu" });
  const { device, fallback, iterations } = await stylize(request, { onProgress: (one) => seen.push(one) }).result;
  expect({ device, iterations }).toEqual({ device: "cpu", iterations: 10 });
  expect(fallback).toMatch(/GPU/);
  expect(seen.at(-1)).toMatchObject({ device: "cpu", fallback });
  const content = { width: 64, height: 48 };
  expect(await plan({ content, styles: [], settings: request.settings, networkPath: NETWORK })).toMatchObject({
    device: "cpu",
  });
});

test("a network file that is missing is said to be", async () => {
  const refused = stylize({ ...smallRequest(), networkPath: "/nowhere/vgg.safetensors" }).result;
  await expect(refused).rejects.toMatchObject({ code: "file-not-found" });
});
