// Sizes that engines, the command line, the companion and the panel agree on.

import { expect, test } from "vitest";
import { MIN_SIDE_PX } from "../../../companion/protocol/limits.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import {
  decodeSide,
  resolveSettings,
  resultSize,
  shrunkSide,
  styleSize,
  withLongSide,
} from "../../../companion/protocol/sizing.ts";

const photo = { width: 4000, height: 3000 };
const small = { width: 300, height: 200 };

test("the quality's size never exceeds the content's own, a size given by hand may", () => {
  const draft = { ...DEFAULT_SETTINGS, quality: "draft" } as const;
  expect(resultSize(photo, draft)).toEqual({ width: 256, height: 192 });
  expect(resultSize(small, DEFAULT_SETTINGS)).toEqual(small);
  expect(resultSize(small, { ...DEFAULT_SETTINGS, size: 600 })).toEqual({ width: 600, height: 400 });
});

test("a picture is shrunk to a side, never enlarged, and never to less than an engine can see", () => {
  expect(shrunkSide(photo, 1000)).toBe(1000);
  expect(shrunkSide(small, 1000)).toBe(300);
  expect(shrunkSide({ width: 2000, height: 50 }, 512)).toBe((2000 * MIN_SIDE_PX) / 50);
  expect(shrunkSide({ width: 2000, height: 20 }, 512)).toBe(2000);
  expect(withLongSide({ width: 2000, height: 1 }, 100)).toEqual({ width: 100, height: 1 });
});

test("a style is decoded at the size at which the finest scale wants it", () => {
  for (const styleScale of [0.1, 0.35, 0.777, 1, 1.5, 4]) {
    const settings = { ...DEFAULT_SETTINGS, size: 333, styleScale };
    const side = shrunkSide(photo, decodeSide("style", small, settings));
    const decoded = withLongSide(photo, side);
    expect(styleSize(decoded, resultSize(small, settings), styleScale)).toEqual(decoded);
    expect(decodeSide("source", small, settings)).toBe(2 * decodeSide("style", small, settings));
  }
});

test("a mask is decoded with pixels to spare, as long as that is not too many", () => {
  const sideAt = (size: number) => decodeSide("region", small, { ...DEFAULT_SETTINGS, size, styleScale: 3 });
  expect([300, 2048, 3000, 8000].map(sideAt)).toEqual([600, 4096, 4096, 8000]);
});

test("settings are resolved by the quality where nothing else is said", () => {
  expect(resolveSettings(DEFAULT_SETTINGS, small)).toMatchObject({ size: 300, firstIterations: 120, iterations: 60 });
  const own = { ...DEFAULT_SETTINGS, size: 900, firstIterations: 7, iterations: 3 };
  expect(resolveSettings(own, small)).toMatchObject({ size: 900, firstIterations: 7, iterations: 3 });
  const fromQuick = { method: "quick", firstIterations: 10, middleIterations: 7, iterations: 20, init: "content" };
  expect(resolveSettings(DEFAULT_SETTINGS, small, "quick")).toMatchObject(fromQuick);
});

test("strength means more to quick pictures than to optimized ones: 0 the content, more with each step up to 100", () => {
  const resolved = (strength: number) => resolveSettings({ ...DEFAULT_SETTINGS, strength }, photo, "quick");
  const ratio = (strength: number) => resolved(strength).draftStyleToContent;
  expect(ratio(0)).toBe(0);
  const share = (strength: number) => resolved(strength).detailShare;
  expect([share(0), share(100 / 2.95)]).toEqual([0, expect.closeTo(1, 9)]);
  expect([share(50), share(100)]).toEqual([expect.closeTo(2 - 1 / 1.95, 9), expect.closeTo(2, 2)]);
  expect(resolveSettings({ ...DEFAULT_SETTINGS, carryShare: 0.3 }, photo, "quick").detailShare).toBe(0.3);
  expect(ratio(50)).toBeCloseTo(resolved(80).styleToContent, 9);
  const optimized = resolveSettings({ ...DEFAULT_SETTINGS, strength: 195 / 2.95 }, photo, "optimize");
  expect(resolved(50).styleToContent).toBeCloseTo(optimized.styleToContent, 9);
  for (const strength of [1, 20, 50, 80, 99]) {
    expect(ratio(strength + 1)).toBeGreaterThan(ratio(strength));
    expect(share(strength + 1)).toBeGreaterThan(share(strength));
  }
});
