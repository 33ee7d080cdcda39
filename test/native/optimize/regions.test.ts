// Runs with masks: where each style paints, what stays as it was, and what is said of parts that are too small.

import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { plan, stylize } from "../../../native/binding/binding.ts";
import type { NativeRequest } from "../../../native/binding/types.ts";
import { randomPicture, relativeError } from "../support/objective.ts";
import { longRequest, smallRequest } from "../support/run.ts";

function gray(width: number, height: number, at: (x: number, y: number) => number): Picture {
  const plane = Float32Array.from({ length: width * height }, (_, i) =>
    at((i % width) / width, Math.floor(i / width) / height),
  );
  return { width, height, channels: 3, data: Float32Array.from([...plane, ...plane, ...plane]) };
}

const flat = (r: number, g: number, b: number): Picture => {
  const noise = randomPicture(64, 64, 5);
  const data = noise.data.map((value, i) => ([r, g, b][Math.floor(i / 4096)] as number) * (0.8 + 0.2 * value));
  return { ...noise, data };
};

function meanOf({ width, height, data }: Picture, channel: number, inside: (x: number) => boolean): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < width * height; i++) {
    if (!inside((i % width) / width)) continue;
    sum += data[channel * width * height + i] as number;
    count++;
  }
  return sum / count;
}

const LEFT = gray(20, 7, (x) => (x < 0.5 ? 1 : 0));
const RIGHT = gray(20, 7, (x) => (x < 0.5 ? 0 : 1));

function twoStyles(settings: Partial<NativeRequest["settings"]> = {}): NativeRequest {
  const request = smallRequest({ strength: 90, firstIterations: 25, ...settings });
  return {
    ...request,
    styles: [
      { picture: flat(1, 0.2, 0.2), weight: 1, region: LEFT },
      { picture: flat(0.2, 0.2, 1), weight: 1, region: RIGHT },
    ],
  };
}

test("two styles paint the two halves of a picture, each in its own colors", async () => {
  const { picture, notes } = await stylize(twoStyles()).result;
  expect(notes).toBeUndefined();
  const left = (x: number) => x < 0.4;
  const right = (x: number) => x > 0.6;
  expect(meanOf(picture, 0, left)).toBeGreaterThan(meanOf(picture, 2, left) + 0.2);
  expect(meanOf(picture, 2, right)).toBeGreaterThan(meanOf(picture, 0, right) + 0.2);
});

test("a region that is too small for the deepest layer is painted by the others, and that is said", async () => {
  const request = smallRequest({ firstIterations: 3 });
  const region = gray(8, 8, (x) => (x < 0.25 ? 1 : 0));
  const styles = request.styles.map((style) => ({ ...style, region }));
  const { notes, losses } = await stylize({ ...request, styles }).result;
  expect(notes).toEqual([
    "The part for the style is too small for the style's larger shapes (relu5_1): it takes colors and finer strokes alone.",
  ]);
  expect(losses.styleLayers).toMatchObject({ relu5_1: 0, relu4_1: expect.any(Number) });
  expect(losses.styleLayers.relu4_1).toBeGreaterThan(0);
});

test("a style without a region shares with those that have one, by their weights", async () => {
  const request = twoStyles();
  const [first, second] = request.styles;
  const shared = {
    ...request,
    styles: [
      { ...first, weight: 1 },
      { picture: second?.picture, weight: 3 },
    ],
  };
  const { picture } = await stylize(shared as NativeRequest).result;
  const alone = await stylize(twoStyles()).result;
  // The left is no longer the first style's alone, and the right is the second's.
  expect(meanOf(picture, 0, (x) => x < 0.4)).toBeLessThan(meanOf(alone.picture, 0, (x) => x < 0.4) - 0.05);
  expect(meanOf(picture, 2, (x) => x > 0.6)).toBeGreaterThan(meanOf(picture, 0, (x) => x > 0.6) + 0.2);
});

test("the same region twice is one region with a blend", async () => {
  const request = twoStyles();
  const [first, second] = request.styles;
  const both = [
    { ...first, region: LEFT },
    { ...second, region: LEFT },
  ];
  const { picture } = await stylize({ ...request, styles: both } as NativeRequest).result;
  // Neither red nor blue wins, and where no style is, the content stays.
  const left = (x: number) => x < 0.4;
  expect(Math.abs(meanOf(picture, 0, left) - meanOf(picture, 2, left))).toBeLessThan(0.25);
  const change = (inside: (x: number) => boolean) =>
    Math.abs(meanOf(picture, 1, inside) - meanOf(request.content, 1, inside));
  expect(change((x) => x > 0.8)).toBeLessThan(change(left) / 3);
});

test("a source is the part of a style's picture that counts", async () => {
  const request = smallRequest({ strength: 90, firstIterations: 25 });
  const style = flat(1, 0.2, 0.2);
  for (let i = 0; i < 4096; i++) {
    if (i % 64 < 32) continue;
    style.data[i] = 0.2;
    style.data[8192 + i] = 0.9;
  }
  const painted = async (source: Picture) =>
    (await stylize({ ...request, styles: [{ picture: style, weight: 1, source }] }).result).picture;
  const red = await painted(LEFT);
  const blue = await painted(RIGHT);
  const everywhere = () => true;
  expect(meanOf(red, 0, everywhere)).toBeGreaterThan(meanOf(red, 2, everywhere) + 0.2);
  expect(meanOf(blue, 2, everywhere)).toBeGreaterThan(meanOf(blue, 0, everywhere) + 0.2);
});

test.each(["style", "keep"] as const)(
  "what is protected comes out as it was, to the bit, with colors %s, from noise and with alpha",
  async (colors) => {
    const content = randomPicture(64, 48, 1, 4);
    const request = smallRequest({ colors, init: "noise", minScale: 32 });
    // As a JPEG keeps white and black.
    const protect = gray(64, 48, (x) => (x < 0.25 ? 0.99 : x < 0.375 ? 0.5 : 0.01));
    const { picture } = await stylize({ ...request, content, protect }).result;
    let moved = 0;
    for (let i = 0; i < 3 * 64 * 48; i++) {
      const x = (i % 64) / 64;
      if (x < 0.25) expect(picture.data[i]).toBe(content.data[i]);
      if (x > 0.5 && picture.data[i] !== content.data[i]) moved++;
    }
    expect(moved).toBeGreaterThan(1000);
  },
);

test("what is protected counts in no statistic", async () => {
  const request = smallRequest({ styleLayers: ["relu1_1"], contentLayers: ["relu1_1"], tvWeight: 0 });
  const protect = gray(64, 48, (x) => (x < 0.5 ? 1 : 0));
  const other = { ...request.content, data: request.content.data.slice() };
  for (let i = 0; i < other.data.length; i++) if (i % 64 < 28) other.data[i] = 1 - (other.data[i] as number);
  const losses = async (content: Picture) => (await stylize({ ...request, content, protect }).result).losses;
  // relu1_1 sees one pixel beyond the border of what counts, so nothing of the change.
  const once = await losses(request.content);
  const again = await losses(other);
  expect(relativeError([again.total], [once.total])).toBeLessThan(1e-3);
});

test("a run with masks goes on from its checkpoint as if nothing had been", async () => {
  const request = {
    ...twoStyles({ minScale: 45, firstIterations: 6, iterations: 6 }),
    protect: gray(9, 9, (x, y) => x * y),
  };
  const whole = await stylize(request).result;
  let saved: Promise<Uint8Array | null> | undefined;
  const run = stylize(request, {
    onProgress: ({ totalIteration }) => {
      if (totalIteration >= 3 && saved === undefined) {
        saved = run.checkpoint();
        run.stop();
      }
    },
  });
  await run.result;
  const checkpoint = (await saved) ?? undefined;
  if (checkpoint === undefined) throw new Error("The run ended before its checkpoint.");
  const resumed = await stylize({ ...request, checkpoint }).result;
  expect(resumed.iterations).toBe(whole.iterations);
  expect(relativeError(resumed.picture.data, whole.picture.data)).toBeLessThan(1e-6);
});

interface Masks {
  region?: Picture;
  source?: Picture;
  protect?: Picture;
}

test("masks that leave everything in, of any sides, are no masks", async () => {
  const request = smallRequest({ firstIterations: 3, optimizer: "adam" });
  const all = { region: gray(3, 40, () => 1), source: gray(200, 2, () => 1) };
  const styles = request.styles.map((style) => ({ ...style, ...all }));
  const masked = await stylize({ ...request, styles, protect: gray(1, 1, () => 0) }).result;
  const plain = await stylize(request).result;
  // Weighted sums round otherwise, and Adam makes a step of the same size of the smallest slope.
  expect(relativeError(masked.picture.data, plain.picture.data)).toBeLessThan(1e-3);
  expect(masked.notes).toBeUndefined();
});

test("regions that overlap wholly share every pixel by their weights", async () => {
  const request = twoStyles();
  const painted = async (...weights: number[]) => {
    const styles = request.styles.map((style, i) => ({
      ...{ ...style, weight: weights[i] as number },
      region: gray(4 + i, 4, () => 1),
    }));
    const { picture } = await stylize({ ...request, styles }).result;
    return meanOf(picture, 0, () => true) - meanOf(picture, 2, () => true);
  };
  // About half of what is seen (.055). Where a picture's mean goes is held by the styles' means, whatever path leads there.
  const [red, even, blue] = [await painted(9, 1), await painted(1, 1), await painted(1, 9)];
  expect(red).toBeGreaterThan(even + 0.03);
  expect(even).toBeGreaterThan(blue + 0.03);
});

test.each<[string, Masks, RegExp]>([
  ["everything protected", { protect: gray(8, 8, () => 1) }, /Everything that can be seen of the content is protected/],
  [
    "a region under what is protected",
    { protect: gray(8, 8, (x) => (x < 0.5 ? 1 : 0)), region: LEFT },
    /The part for the style is too small to paint/,
  ],
  ["a region of nothing", { region: gray(8, 8, () => 0) }, /The part for the style is too small to paint/],
  ["a source of nothing", { source: gray(8, 8, () => 0) }, /The part for the style is too small to paint/],
  ["a region of next to nothing", { region: gray(64, 48, (x, y) => (x + y === 0 ? 1 : 0)) }, /is too small to paint/],
  ["a source of next to nothing", { source: gray(64, 64, (x, y) => (x + y === 0 ? 1 : 0)) }, /is too small to paint/],
])("BAD CALL - %s is refused with what to change", async (_, { protect, ...masks }, message) => {
  const request = longRequest();
  const styles = request.styles.map((style) => ({ ...style, ...masks }));
  const attempt = stylize({ ...request, styles, ...(protect && { protect }) }).result;
  await expect(attempt).rejects.toMatchObject({ code: "bad-request", message: expect.stringMatching(message) });
});

test("a plan knows what regions cost", async () => {
  const { settings, networkPath } = smallRequest({ size: 1024 });
  const size = { width: 1024, height: 768 };
  const mask = { width: 10, height: 10 };
  const style = { picture: size, weight: 1 };
  const request = { content: size, styles: [style, style], settings, networkPath };
  const plain = await plan(request);
  const regions = await plan({ ...request, styles: [style, { ...style, region: mask }], protect: mask });
  expect(regions.peakBytes).toBeGreaterThan(plain.peakBytes);
});
