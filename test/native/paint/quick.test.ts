// A quick picture: draft, detail, polish, as one run.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { Progress } from "../../../companion/protocol/progress.ts";
import { plan, stylize } from "../../../native/binding/binding.ts";
import type { EngineSettings, NativeRequest } from "../../../native/binding/types.ts";
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

/** 150 × 113 from a draft of 40 px, of three updates. */
function quickRequest(settings: Partial<EngineSettings> = {}): NativeRequest {
  const quick = { quality: "quick", size: 150, minScale: 43, firstIterations: 3, iterations: null } as const;
  return { ...smallRequest({ ...quick, ...settings }), content: randomPicture(200, 150, 1), painter };
}

async function paint(request: NativeRequest) {
  const told: Progress[] = [];
  const result = await stylize(request, { onProgress: (progress) => told.push(progress) }).result;
  return { ...result, told };
}

const inRange = (data: Float32Array) => data.every((value) => value >= 0 && value <= 1);

test("has the size asked for, and says what it is doing and how far it is", async () => {
  const { picture, iterations, stopped, told } = await paint(quickRequest());
  expect([picture.width, picture.height, iterations, stopped]).toEqual([150, 113, 3, false]);
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
  expect(polished.iterations).toBe(5);
  expect(polished.told.at(-1)).toMatchObject({ phase: "polish", fraction: 1 });
  expect(polished.picture.data).not.toEqual(plain.picture.data);
});

test("polish has the strength of the optimizer, not the draft's: it goes on as the optimizer does from that picture", async () => {
  const quick = await paint(quickRequest());
  const polished = await paint(quickRequest({ iterations: 2 }));
  const { painter: _, ...request } = quickRequest({ quality: "standard", init: "image", firstIterations: 2 });
  const on = await paint({ ...request, settings: { ...request.settings, minScale: 150 }, initial: quick.picture });
  expect(on.picture.data).toEqual(polished.picture.data);
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
    [80, 1],
    [150, 1],
    [150, 2],
  ]);
  expect(cost.seconds).toBeGreaterThan(0);
});
