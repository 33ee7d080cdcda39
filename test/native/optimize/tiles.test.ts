// Runs in tiles: what memory makes them do, the picture of a run at once, and a host that is heard between two tiles.

import { describe, expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";
import { plan, stylize } from "../../../native/binding/binding.ts";
import type { EngineSettings, NativeRequest } from "../../../native/binding/types.ts";
import { randomPicture } from "../support/objective.ts";
import { smallRequest } from "../support/run.ts";
import { SMALL_NETWORK_PATH } from "../support/small.ts";

const GB = 1024 ** 3;

/** 128 × 96 px and a network that sees 12 px around, so that tiles may be small; one scale, six iterations. */
function request(settings: Partial<EngineSettings> = {}): NativeRequest {
  return {
    ...smallRequest({
      size: 128,
      minScale: 128,
      firstIterations: 6,
      styleLayers: ["relu1_1", "relu2_1", "relu3_1"],
      contentLayers: ["relu2_2"],
      ...settings,
    }),
    content: randomPicture(128, 96, 1),
    networkPath: SMALL_NETWORK_PATH,
  };
}

/** The same in a little less memory than it takes at once. */
async function inTiles(whole: NativeRequest): Promise<NativeRequest> {
  // Of its last scale alone: what smaller ones leave behind is dropped where memory is short.
  const atOnce = await plan({ ...whole, settings: { ...whole.settings, minScale: whole.settings.size ?? 128 } });
  expect(atOnce.scales.at(-1)?.tile).toBe(0);
  const settings = { ...whole.settings, memory: (atOnce.peakBytes - 1) / GB };
  const planned = await plan({ ...whole, settings });
  expect(planned.fits).toBe(true);
  expect(planned.scales.at(-1)?.tile).toBeGreaterThan(0);
  return { ...whole, settings };
}

function decibels(a: Picture, b: Picture): number {
  const squares = a.data.reduce((sum, value, i) => sum + (value - (b.data[i] as number)) ** 2, 0);
  return 10 * Math.log10(a.data.length / squares);
}

/** A picture whose left part is white, with a soft edge. */
function left(): Picture {
  const plane = Float32Array.from({ length: 32 * 8 }, (_, i) => Math.min(1, Math.max(0, 2 - (i % 32) / 8)));
  return { width: 32, height: 8, channels: 3, data: Float32Array.from([...plane, ...plane, ...plane]) };
}
const right = (): Picture => ({ ...left(), data: left().data.map((value) => 1 - value) });

describe("the picture of a run in tiles is that of a run at once, to 50 dB", () => {
  const twoRegions = (whole: NativeRequest): NativeRequest => ({
    ...whole,
    styles: [
      { picture: randomPicture(80, 70, 2), weight: 1, region: left() },
      { picture: randomPicture(60, 90, 3), weight: 1, region: right() },
    ],
  });
  test.each<[string, NativeRequest]>([
    ["Wasserstein-2", request({ styleLoss: "w2" })],
    ["Gram matrices and total variation", request({ styleLoss: "gram-normalized", tvWeight: 0.1 })],
    ["Adam and averaging", request({ optimizer: "adam", averaging: 0.9 })],
    ["several scales", request({ minScale: 64, iterations: 5 })],
    ["regions with soft edges", twoRegions(request())],
    ["protected parts", { ...request(), protect: left() }],
    ["a transparent content", { ...request(), content: randomPicture(128, 96, 1, 4) }],
    ["a seamless result", request({ seamless: "both" })],
    ["colors kept", request({ colors: "keep" })],
  ])("%s", async (_, whole) => {
    const { picture } = await stylize(whole).result;
    const { picture: tiled } = await stylize(await inTiles(whole)).result;
    expect(decibels(tiled, picture)).toBeGreaterThan(50);
  });

  test("gone on with from a checkpoint", async () => {
    const whole = await inTiles(request({ firstIterations: 8 }));
    const run = stylize(whole, { onProgress: ({ iteration }) => iteration === 3 && run.stop() });
    const { picture } = await stylize(whole).result;
    await run.result;
    const halfway = stylize(whole, { onProgress: ({ iteration }) => iteration >= 3 && halfway.pause() });
    await expect.poll(() => halfway.checkpoint()).not.toBeNull();
    const checkpoint = await halfway.checkpoint();
    halfway.stop();
    await halfway.result;
    const goneOn = await stylize({ ...whole, ...(checkpoint && { checkpoint }) }).result;
    expect(decibels(goneOn.picture, picture)).toBeGreaterThan(50);
  });
});

describe("the host is heard between two tiles", () => {
  const long = () => inTiles(request({ optimizer: "adam", firstIterations: 50_000 }));

  test("progress moves within an iteration, a strength counts, a stop gives the best picture so far", async () => {
    const seen: Progress[] = [];
    const run = stylize(await long(), {
      onProgress: (progress) => {
        seen.push(progress);
        if (progress.iteration === 2) run.update({ strength: 90 });
        if (progress.iteration >= 4) run.stop();
      },
    });
    const { picture, stopped } = await run.result;
    expect(stopped).toBe(true);
    expect(picture.data.every((value) => value >= 0 && value <= 1)).toBe(true);
    const fractions = seen.map(({ fraction }) => fraction);
    expect(fractions.toSorted((a, b) => a - b)).toEqual(fractions);
  });

  test("an abort ends the run", async () => {
    const controller = new AbortController();
    const run = stylize(await long(), { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(run.result).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("a plan", () => {
  const at = (width: number, height: number, settings: Partial<EngineSettings>) =>
    plan({ ...request({ ...settings, size: Math.max(width, height) }), content: { width, height } });

  test("takes tiles where memory does not reach for the picture at once, and never more than is allowed", async () => {
    for (const side of [512, 2048, 4096, 8192, 16_384]) {
      const planned = await at(side, 512, { memory: 2 });
      expect(planned, `${side} px`).toMatchObject({ fits: true, largestSize: side });
      expect(planned.peakBytes, `${side} px`).toBeLessThanOrEqual(2 * GB);
      const inTiles = planned.scales.some(({ tile }) => tile > 0);
      if (side !== 8192) expect(inTiles, `${side} px`).toBe(side > 4096);
    }
    expect(await at(16_384, 8192, { memory: 2 })).toMatchObject({ fits: false });
  });

  test("has fewer iterations above 1024 px, as many as take about the same time, unless they are given by hand", async () => {
    const iterations = async (settings: Partial<EngineSettings>) =>
      (await at(4096, 3072, { minScale: 700, firstIterations: 120, ...settings })).scales.map(
        (scale) => scale.iterations,
      );
    expect(await iterations({ iterations: null })).toEqual([120, 60, 30, 15, 8, 4]);
    expect(await iterations({ iterations: 9 })).toEqual([120, 9, 9, 9, 9, 9]);
  });

  test("has no tiles for what looks at the whole picture at once, and the refusal says what has", async () => {
    for (const settings of [
      { styleLoss: "w2,patches:0.2" },
      { styleLoss: "sliced" },
      { contentLoss: "self-similarity" },
    ]) {
      expect((await at(512, 512, settings)).scales.at(-1)?.tile).toBe(0);
      const refused = stylize(request({ ...settings, size: 4096, memory: 0.3 })).result;
      await expect(refused).rejects.toMatchObject({ code: "out-of-memory", hint: expect.stringMatching(/tiles/) });
    }
  });
});
