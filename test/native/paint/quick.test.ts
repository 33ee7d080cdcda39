// A quick picture: draft, detail, polish, as one run.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";
import { plan, stylize } from "../../../native/binding/binding.ts";
import type { EngineSettings, NativeRequest } from "../../../native/binding/types.ts";
import { gray } from "../../ui/engines/panel/region-requests.ts";
import { waves } from "../../ui/engines/panel/twin.ts";
import { makeDetailer, writeDetailer } from "../support/detailer.ts";
import { randomPicture } from "../support/objective.ts";
import { NETWORK, smallRequest } from "../support/run.ts";

const folder = mkdtempSync(join(tmpdir(), "impasto-quick-"));
afterAll(() => rmSync(folder, { recursive: true }));
const painter = {
  networkPath: NETWORK,
  detailerPath: writeDetailer(join(folder, "detailer.safetensors"), makeDetailer()),
};

const networks = fileURLToPath(new URL("../../../native/networks/", import.meta.url));
/** The trained ones: untrained filters make much of any statistics. */
const SLIM = { networkPath: `${networks}vgg19-slim.safetensors`, detailerPath: `${networks}detailer-slim.safetensors` };

/** 150 × 113 from a draft of 43 px, of three updates, with two between its doublings. */
function quickRequest(settings: Partial<EngineSettings> = {}): NativeRequest {
  const quick = { quality: "quick", size: 150, minScale: 43 } as const;
  const iterations = { firstIterations: 3, middleIterations: 2, iterations: null };
  return { ...smallRequest({ ...quick, ...iterations, ...settings }), content: randomPicture(200, 150, 1), painter };
}

async function paint(request: NativeRequest) {
  const told: Progress[] = [];
  const result = await stylize(request, { onProgress: (progress) => told.push(progress) }).result;
  return { ...result, told };
}

const inRange = (data: Float32Array) => data.every((value) => value >= 0 && value <= 1);

test("has the size asked for, and says what it is doing and how far it is", async () => {
  const { picture, iterations, stopped, told } = await paint(quickRequest());
  expect([picture.width, picture.height, iterations, stopped]).toEqual([150, 113, 5, false]);
  expect(inRange(picture.data)).toBe(true);
  const fractions = told.map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(told.at(-1)).toMatchObject({
    phase: "detail",
    fraction: 1,
    width: 150,
    height: 113,
    scaleIndex: 2,
    scaleCount: 3,
  });
});

test("tells the time left without what comes before the first update, which is not done again", async () => {
  const [first] = (await paint(quickRequest())).told as [Progress, ...Progress[]];
  // Opening and the first update take longer than any update after them.
  expect(first.secondsLeft).toBeLessThan(first.secondsElapsed * (1 / first.fraction - 1));
});

test("is the same each time for the same seed, and another for another", async () => {
  const [one, again, other] = [
    await paint(quickRequest()),
    await paint(quickRequest()),
    await paint(quickRequest({ seed: 9 })),
  ];
  expect(again.picture.data).toEqual(one.picture.data);
  expect(other.picture.data).not.toEqual(one.picture.data);
});

test("is polished for as many iterations as are asked for", async () => {
  const plain = await paint(quickRequest());
  const polished = await paint(quickRequest({ iterations: 2 }));
  expect(polished.iterations).toBe(7);
  expect(polished.told.at(-1)).toMatchObject({ phase: "polish", fraction: 1 });
  expect(polished.picture.data).not.toEqual(plain.picture.data);
});

const furthest = (a: Picture, b: Picture) =>
  a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - (b.data[i] ?? Number.NaN))), 0);

test("polish goes on as the optimizer does from that picture, with a strength of its own between its and the draft's", async () => {
  const quick = await paint(quickRequest());
  const polished = await paint(quickRequest({ iterations: 2 }));
  const { painter: _, ...request } = quickRequest({ quality: "standard", init: "image", firstIterations: 2 });
  const on = async (strength: number) => {
    const settings = { ...request.settings, strength, minScale: 150 };
    return (await paint({ ...request, settings, initial: quick.picture })).picture;
  };
  // 1.7 times the odds; the ratio of weights is the same but for rounding.
  const same = furthest(await on(195 / 2.95), polished.picture);
  expect(same <= 1e-4).toBe(true);
  expect(furthest(await on(50), polished.picture)).toBeGreaterThan(1e-3);
});

test("what goes over it between its doublings changes it, takes up a moved strength, and is left out of frames", async () => {
  const plain = await paint(quickRequest({ middleIterations: 0 }));
  const gone = await paint(quickRequest());
  expect([plain.iterations, gone.iterations]).toEqual([3, 5]);
  expect(furthest(plain.picture, gone.picture)).toBeGreaterThan(1e-3);
  const frames = await Promise.all(
    [0, 2].map((middleIterations) => paint({ ...quickRequest({ middleIterations }), shot: new Uint8Array() })),
  );
  expect(frames[1]?.picture.data).toEqual(frames[0]?.picture.data);
});

test("drafts anew when the strength moves while it is gone over between its doublings", async () => {
  const settings = { middleIterations: 200 };
  let moved = false;
  const run = stylize(quickRequest(settings), {
    onProgress({ phase, totalIteration }) {
      if (moved || phase !== "detail" || totalIteration <= 3) return;
      moved = true;
      run.update({ strength: 90 });
    },
  });
  const { picture } = await run.result;
  expect(picture.data).toEqual((await paint(quickRequest({ ...settings, strength: 90 }))).picture.data);
});

test("leaves the content as it is at strength 0", async () => {
  const request = quickRequest({ strength: 0, size: 200 });
  expect((await paint(request)).picture.data).toEqual(request.content.data);
});

test("a low strength carries only a share of the style's statistics: the picture changes in smaller steps", async () => {
  const at = async (strength: number) => {
    const request = {
      ...quickRequest({ strength }),
      content: waves(200, 150, 0.3),
      networkPath: SLIM.networkPath,
      painter: SLIM,
    };
    return (await paint(request)).picture.data;
  };
  const [content, little, judged] = [await at(0), await at(10), await at(50)];
  const change = (data: Float32Array) =>
    data.reduce((sum, value, i) => sum + Math.abs(value - (content[i] as number)), 0) / data.length;
  expect(change(little)).toBeLessThan(0.8 * change(judged));
});

test("carries means and deviations alone where that is asked for", async () => {
  const request = (carry: "transport" | "adain") => ({
    ...quickRequest({ carry }),
    content: waves(200, 150, 0.3),
    networkPath: SLIM.networkPath,
    painter: SLIM,
  });
  const [transport, adain] = [await paint(request("transport")), await paint(request("adain"))];
  expect(inRange(adain.picture.data)).toBe(true);
  const change = adain.picture.data.reduce(
    (sum, value, i) => sum + Math.abs(value - (transport.picture.data[i] as number)),
    0,
  );
  expect(change / adain.picture.data.length).toBeGreaterThan(0.005);
});

test("keeps transparency, and the content's colors where that is asked for", async () => {
  const content = randomPicture(200, 150, 6, 4);
  const { picture } = await paint({ ...quickRequest({ colors: "keep" }), content });
  expect(picture.channels).toBe(4);
  expect(inRange(picture.data)).toBe(true);
});

test("blends styles: a weight of 0 is as if the style were not there", async () => {
  const [style] = smallRequest().styles;
  if (style === undefined) throw new Error("no style");
  const other = { picture: randomPicture(70, 40, 8), weight: 0 };
  const alone = await paint(quickRequest());
  const beside = await paint({ ...quickRequest(), styles: [style, other] });
  expect(beside.picture.data).toEqual(alone.picture.data);
});

/** A gray picture of [0, 1] × [0, 1]. */
const mask = (at: (x: number) => number) => gray(40, 20, at);
const ofColor = (r: number, g: number, b: number) => {
  const picture = randomPicture(64, 64, 5);
  return { ...picture, data: picture.data.map((value, i) => ([r, g, b][i >> 12] as number) * (0.8 + 0.2 * value)) };
};

describe("with masks", () => {
  function twoHalves(more: Partial<NativeRequest> = {}, settings: Partial<EngineSettings> = {}): NativeRequest {
    const request = quickRequest({ strength: 70, firstIterations: 20, size: 200, ...settings });
    return {
      ...request,
      content: waves(200, 150, 0.3),
      networkPath: SLIM.networkPath,
      painter: SLIM,
      styles: [
        { picture: ofColor(1, 0.2, 0.2), weight: 1, region: mask((x) => (x < 0.5 ? 1 : 0)) },
        { picture: ofColor(0.2, 0.2, 1), weight: 1, region: mask((x) => (x > 0.5 && x < 0.8 ? 1 : 0)) },
      ],
      ...more,
    };
  }
  const plane = 200 * 150;
  function mean(data: Float32Array, channel: number, from: number, to: number): number {
    const values = [...data.subarray(channel * plane, (channel + 1) * plane)].filter((_, i) => {
      const x = (i % 200) / 200;
      return x >= from && x < to;
    });
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  test.each([
    ["quick", {}],
    ["polished", { iterations: 2 }],
  ])("each style paints its region alone, and what none has stays as it was: %s", async (_, settings) => {
    const request = twoHalves({}, settings);
    const { picture, told } = await paint(request);
    expect(mean(picture.data, 0, 0.05, 0.45)).toBeGreaterThan(mean(picture.data, 2, 0.05, 0.45) + 0.2);
    expect(mean(picture.data, 2, 0.55, 0.75)).toBeGreaterThan(mean(picture.data, 0, 0.55, 0.75) + 0.2);
    for (const channel of [0, 1, 2]) {
      const [was, is] = [request.content.data, picture.data].map((data) => mean(data, channel, 0.85, 1));
      expect(Math.abs((is as number) - (was as number))).toBeLessThan(0.02);
    }
    const fractions = told.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });

  test("what is protected comes out as it was, to the bit, also under transparent pixels", async () => {
    const content = randomPicture(200, 150, 6, 4);
    const [style] = twoHalves().styles;
    const protect = mask((x) => (x < 0.25 ? 1 : 0));
    for (const colors of ["style", "keep"] as const) {
      const request = twoHalves(
        { content, styles: [{ picture: (style as { picture: Picture }).picture, weight: 1 }], protect },
        { colors },
      );
      const { picture } = await paint(request);
      let [kept, moved] = [0, 0];
      for (let i = 0; i < 3 * plane; i++) {
        const same = picture.data[i] === content.data[i];
        if (i % 200 < 45 && same) kept++;
        if (i % 200 > 55 && !same) moved++;
      }
      expect(kept).toBe(3 * 45 * 150);
      expect(moved).toBeGreaterThan(plane);
    }
  });

  test("a style counts by its source alone", async () => {
    const { width, height, data } = ofColor(1, 0.2, 0.2);
    const blue = ofColor(0.2, 0.2, 1);
    const both = {
      width,
      height,
      channels: 3 as const,
      data: data.map((value, i) => (i % 64 < 32 ? value : (blue.data[i] as number))),
    };
    const of = async (source: Picture) => {
      const { picture } = await paint(twoHalves({ styles: [{ picture: both, weight: 1, source }] }));
      return mean(picture.data, 0, 0, 1) - mean(picture.data, 2, 0, 1);
    };
    const [red, blueOnes] = [await of(mask((x) => (x < 0.5 ? 1 : 0))), await of(mask((x) => (x < 0.5 ? 0 : 1)))];
    expect(red).toBeGreaterThan(0.2);
    expect(blueOnes).toBeLessThan(-0.2);
  });

  test("a region too small for a deep layer is told of, and one that nothing can be painted in is refused", async () => {
    const small = (width: number) => mask((x) => (x < width ? 1 : 0));
    const [style] = twoHalves().styles as [NativeRequest["styles"][number]];
    const told = await paint(twoHalves({ styles: [{ ...style, region: small(0.1) }] }));
    expect(told.notes?.[0]).toMatch(/too small for the style's larger shapes/);
    const corner = gray(200, 150, (x, y) => (x + y === 0 ? 1 : 0));
    const refused = paint(twoHalves({ styles: [{ ...style, region: corner }] }));
    await expect(refused).rejects.toMatchObject({ code: "bad-request", message: expect.stringMatching(/too small/) });
  });

  test("BAD CALL - a frame that takes up the frame before it has none", () => {
    expect(() => stylize({ ...twoHalves(), shot: new Uint8Array() })).toThrow(/animation has no regions/);
  });

  test("their plan counts each region's details", async () => {
    const one = await plan({ ...quickRequest(), painter });
    const { styles, ...request } = twoHalves({}, { size: 150, strength: 50, firstIterations: 3 });
    const two = await plan({ ...request, styles, painter, networkPath: NETWORK });
    expect(two.peakBytes).toBeGreaterThan(one.peakBytes);
  });
});

test("a style for some layers counts there alone: the colors of one, the forms of another", async () => {
  const [red, blue] = [ofColor(1, 0.2, 0.2), ofColor(0.2, 0.2, 1)];
  const of = async (layers: string[]) => {
    const styles = [
      { picture: red, weight: 1 },
      { picture: blue, weight: 1, layers },
    ];
    const request = { ...quickRequest({ strength: 70 }), content: waves(200, 150, 0.3), styles };
    const { picture } = await paint({ ...request, networkPath: SLIM.networkPath, painter: SLIM });
    const plane = picture.width * picture.height;
    const sum = (channel: number) =>
      picture.data.subarray(channel * plane, (channel + 1) * plane).reduce((all, value) => all + value, 0);
    return (sum(2) - sum(0)) / plane;
  };
  const [colors, forms] = [await of(["relu1_1", "relu2_1"]), await of(["relu5_1"])];
  expect(colors).toBeGreaterThan(forms + 0.2);
});

test("a run that is stopped while it drafts still gives a picture of its size", async () => {
  const run = stylize(quickRequest({ firstIterations: 50_000 }), { onProgress: () => run.stop() });
  const { picture, stopped } = await run.result;
  expect([picture.width, picture.height, stopped]).toEqual([150, 113, true]);
});

test("EXPECTED FAILURE - a cancelled run rejects", async () => {
  const abort = new AbortController();
  const run = stylize(quickRequest({ firstIterations: 50_000 }), {
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  await expect(run.result).rejects.toMatchObject({ code: "cancelled" });
});

test("BAD CALL - without what paints it", () => {
  const { painter: _, ...request } = quickRequest();
  expect(() => stylize(request)).toThrow(/Expected an object for painter/);
});

test("its plan says up to which size memory reaches, and that size fits", async () => {
  const { styles, networkPath, settings } = quickRequest();
  const at = (size: number) =>
    plan({
      content: { width: 200, height: 150 },
      styles,
      networkPath,
      painter,
      settings: { ...settings, size, memory: 1 },
    });
  const { fits, largestSize } = await at(8192);
  expect(fits).toBe(false);
  expect(largestSize).toBeLessThan(8192);
  expect(await at(largestSize)).toMatchObject({ fits: true, largestSize });
});

test("its plan counts draft, details and polish", async () => {
  const { content, styles, settings, networkPath } = quickRequest({ iterations: 2 });
  const cost = await plan({ content, styles, settings, networkPath, painter });
  expect([cost.width, cost.height]).toEqual([150, 113]);
  expect(cost.scales.map(({ width, iterations }) => [width, iterations])).toEqual([
    [43, 3],
    [80, 3],
    [150, 1],
    [150, 2],
  ]);
  expect(cost.seconds).toBeGreaterThan(0);
});
