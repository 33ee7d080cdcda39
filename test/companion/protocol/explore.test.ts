// Which variations explore paints around given settings.

import { describe, expect, test } from "vitest";
import { type Grid, variationsOf } from "../../../companion/protocol/explore.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";

describe("what varies", () => {
  const settingsOf = (grid: Grid, strength: number, styles = 1) =>
    variationsOf(grid, { ...DEFAULT_SETTINGS, strength }, styles);

  test("strength by the same odds to either side, strokes by half and twice", () => {
    expect(settingsOf("strokes", 50).map((row) => row.map(({ settings }) => settings.strength))).toEqual([
      [25, 25, 25],
      [50, 50, 50],
      [75, 75, 75],
    ]);
    expect(
      settingsOf("strokes", 100)
        .flat()
        .every(({ settings: { strength = 0 } }) => strength > 80 && strength <= 100),
    ).toBe(true);
    expect(settingsOf("strokes", 50)[0]?.map(({ settings }) => settings.styleScale)).toEqual([0.5, 1, 2]);
  });

  test("layers from the finest alone to all, and styles one by one, in twelve cells at most", () => {
    expect(settingsOf("layers", 50)[0]?.map(({ settings }) => settings.styleLayers?.length)).toEqual([1, 2, 3, 5]);
    expect(settingsOf("styles", 50, 4).flat()).toHaveLength(12);
    expect(() => settingsOf("styles", 50, 5)).toThrow(/room for 4 styles/);
  });
});
