// BAD CALLs of the native binding: each is refused at once by an error that names the argument, what was expected
// and what came.

import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { evaluate, type NativeRequest, plan, readNetworkInfo, stylize } from "../../../native/binding/binding.ts";
import { randomPicture } from "../support/objective.ts";
import { NETWORK, smallRequest } from "../support/run.ts";

/** What no type checker would let through. */
const wrong = (value: unknown) => value as never;

function withContent(change: Partial<Picture>): NativeRequest {
  const request = smallRequest();
  return { ...request, content: { ...request.content, ...change } };
}

function withSettings(change: Record<string, unknown>): NativeRequest {
  const request = smallRequest();
  return { ...request, settings: wrong({ ...request.settings, ...change }) };
}

const poisoned = (value: number) => {
  const picture = randomPicture(64, 48, 1);
  picture.data[100] = value;
  return picture;
};

test.each<[string, () => unknown, typeof TypeError | typeof RangeError, RegExp]>([
  ["no request", () => stylize(wrong(undefined)), TypeError, /object for request.*undefined/],
  [
    "a device that is still to be chosen",
    () => stylize({ ...smallRequest(), settings: { ...smallRequest().settings, device: wrong("auto") } }),
    RangeError,
    /one device for settings\.device.*auto/,
  ],
  [
    "snapshots of none",
    () => stylize(smallRequest(), { snapshots: { every: 0, onSnapshot: () => {} } }),
    RangeError,
    /snapshots\.every.*0/,
  ],
  ["no content", () => stylize({ ...smallRequest(), content: wrong(null) }), TypeError, /object for content.*null/],
  ["a width of text", () => stylize(withContent({ width: wrong("64") })), TypeError, /number for content\.width.*"64"/],
  ["a width of half", () => stylize(withContent({ width: 63.5 })), RangeError, /content\.width.*63\.5/],
  [
    "a narrow content",
    () => stylize({ ...smallRequest(), content: randomPicture(31, 64, 1) }),
    RangeError,
    /32.*content\.width.*31/,
  ],
  ["two channels", () => stylize(withContent({ channels: wrong(2) })), RangeError, /3 or 4 for content\.channels.*2/],
  [
    "bytes for floats",
    () => stylize(withContent({ data: wrong(new Uint8Array(9216)) })),
    TypeError,
    /Float32Array for content\.data.*Uint8Array/,
  ],
  [
    "too little data",
    () => stylize(withContent({ data: new Float32Array(9) })),
    RangeError,
    /9216 values for content\.data.*9\./,
  ],
  [
    "NaN in the content",
    () => stylize({ ...smallRequest(), content: poisoned(Number.NaN) }),
    RangeError,
    /content\.data.*NaN at index 100/,
  ],
  ["a value above 1", () => stylize({ ...smallRequest(), content: poisoned(1.5) }), RangeError, /0 to 1.*1\.5/],
  [
    "NaN in a style",
    () => stylize({ ...smallRequest(), styles: [{ picture: poisoned(Number.NaN), weight: 1 }] }),
    RangeError,
    /styles\[0\]\.picture\.data/,
  ],
  ["no styles", () => stylize({ ...smallRequest(), styles: [] }), TypeError, /one or more styles.*a list of 0/],
  [
    "a negative weight",
    () => stylize({ ...smallRequest(), styles: [{ picture: randomPicture(64, 64, 2), weight: -1 }] }),
    RangeError,
    /styles\[0\]\.weight.*-1/,
  ],
  [
    "weights of 0",
    () => stylize({ ...smallRequest(), styles: [{ picture: randomPicture(64, 64, 2), weight: 0 }] }),
    RangeError,
    /above 0/,
  ],
  ["no path", () => stylize({ ...smallRequest(), networkPath: wrong(7) }), TypeError, /path for networkPath.*7/],
  [
    "a missing setting",
    () => stylize(withSettings({ strength: undefined })),
    TypeError,
    /settings\.strength.*undefined/,
  ],
  ["a strength of 101", () => stylize(withSettings({ strength: 101 })), RangeError, /0 to 100 for strength.*101/],
  ["an unknown setting", () => stylize(withSettings({ strenght: 1 })), RangeError, /strenght/],
  [
    "too few layer weights",
    () => stylize(withSettings({ styleLayerWeights: [1] })),
    RangeError,
    /5 numbers for styleLayerWeights.*1\./,
  ],
  ["init image without one", () => stylize(withSettings({ init: "image" })), TypeError, /initial.*undefined/],
  [
    "a text as checkpoint",
    () => stylize({ ...smallRequest(), checkpoint: wrong("x") }),
    TypeError,
    /Uint8Array for checkpoint/,
  ],
  [
    "a number as callback",
    () => stylize(smallRequest(), { onProgress: wrong(3) }),
    TypeError,
    /function for options\.onProgress/,
  ],
  [
    "an object as signal",
    () => stylize(smallRequest(), { signal: wrong({}) }),
    TypeError,
    /AbortSignal for options\.signal/,
  ],
  ["a path of nothing", () => readNetworkInfo(""), TypeError, /path for path.*""/],
])("BAD CALL - %s", (_, call, type, message) => {
  expect(call).toThrow(type);
  expect(call).toThrow(message);
});

test("BAD CALL - an image of another size than the content", async () => {
  const request = {
    image: randomPicture(40, 40, 1),
    content: randomPicture(40, 44, 2),
    style: randomPicture(50, 50, 3),
    networkPath: NETWORK,
    pooling: null,
    styleLayers: ["relu1_1"],
    contentLayers: ["relu2_1"],
    threads: 1,
  };
  await expect(evaluate(request)).rejects.toThrow(/40 × 44.*40 × 40/);
  const same = { ...request, content: request.image };
  await expect(evaluate({ ...same, styleLayers: ["relu9_9"] })).rejects.toThrow(/styleLayers/);
  const twice = ["relu1_1", "relu1_1"];
  await expect(evaluate({ ...same, styleLayers: twice })).rejects.toThrow(/different layers for styleLayers.*relu1_1/);
  await expect(evaluate({ ...same, styleLayers: [], contentLayers: [] })).rejects.toThrow(/received none/);
  await expect(evaluate({ ...same, pooling: wrong("median") })).rejects.toThrow(/pooling.*"median"/);
  await expect(evaluate({ ...same, threads: 0 })).rejects.toThrow(/threads.*0/);
});

test("BAD CALL - a plan for no size", async () => {
  const { settings } = smallRequest();
  const content = { width: 640, height: Number.NaN };
  await expect(plan({ content, styles: [], settings, networkPath: NETWORK })).rejects.toThrow(/content\.height.*NaN/);
});

test("canonical losses of the content against itself are 0 in its content layers", async () => {
  const content = randomPicture(40, 44, 2);
  const losses = await evaluate({
    image: content,
    content,
    style: content,
    networkPath: NETWORK,
    pooling: null,
    styleLayers: ["relu1_1", "relu3_1"],
    contentLayers: ["relu2_2"],
    threads: 1,
  });
  expect(losses.content.relu2_2).toBeLessThan(1e-9);
  expect(losses.style.relu1_1).toBeLessThan(1e-9);
  expect(losses.tv_l1).toBeGreaterThan(losses.tv_l2);
});

test("a layer that the network lacks is refused by name", async () => {
  const network = readNetworkInfo(NETWORK);
  expect(network.layers[0]).toBe("relu1_1");
  expect(network.widths[0]).toBe(8);
  const lacking = ["relu5_4"].filter((layer) => !network.layers.includes(layer));
  for (const layer of lacking) {
    const refused = stylize(withSettings({ styleLayers: [layer], contentLayers: ["relu1_1"] })).result;
    await expect(refused).rejects.toMatchObject({ code: "layer-missing", message: expect.stringContaining(layer) });
  }
});

test("a plan names every scale, what it costs and whether it fits", async () => {
  const { settings } = smallRequest({ size: 512, minScale: 128, firstIterations: 200, iterations: 80 });
  const planned = await plan({
    content: { width: 1024, height: 768 },
    styles: [{ picture: { width: 800, height: 600 }, weight: 1 }],
    settings,
    networkPath: NETWORK,
  });
  expect(planned).toMatchObject({ width: 512, height: 384, fits: true, largestSize: 512, device: "cpu" });
  expect(planned.scales.map(({ width, iterations }) => [width, iterations])).toEqual([
    [128, 200],
    [181, 80],
    [256, 80],
    [362, 80],
    [512, 80],
  ]);
  const seconds = planned.scales.reduce((sum, scale) => sum + scale.iterations * scale.secondsPerIteration, 0);
  expect(planned.seconds).toBeCloseTo(seconds, 6);
  expect(planned.peakBytes).toBeGreaterThan(512 * 384 * 3 * 4 * 20);

  const huge = await plan({
    content: { width: 16384, height: 16384 },
    styles: [],
    settings: { ...settings, size: 8192, memory: 2 },
    networkPath: NETWORK,
  });
  expect(huge.peakBytes).toBeGreaterThan(2 * 1024 ** 3);
  expect(huge.fits).toBe(false);
  expect(huge.largestSize).toBeGreaterThan(1024);
  expect(huge.largestSize).toBeLessThan(8192);
});
