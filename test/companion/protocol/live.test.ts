import { describe, expect, it } from "vitest";
import { liveSettings, liveSteps } from "../../../companion/protocol/live.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../companion/protocol/settings.ts";

const settings = (change: Partial<Settings> = {}): Settings => ({ ...DEFAULT_SETTINGS, ...change });

describe("a live picture's settings", () => {
  it("are quick, whatever the quality, and keep what decides its looks", () => {
    const asked = settings({ quality: "fine", strength: 70, colors: "keep", styleScale: 2, seed: 3, iterations: 9 });
    const { strength, colors, styleScale, seed } = asked;
    expect(liveSettings(asked, { width: 4000, height: 3000 })).toMatchObject({
      ...{ strength, colors, styleScale, seed },
      ...{ quality: "quick", size: 512, iterations: null },
    });
  });

  it("exceed neither the content nor the size asked for", () => {
    expect(liveSettings(settings(), { width: 200, height: 100 }).size).toBe(200);
    expect(liveSettings(settings({ size: 300 }), { width: 4000, height: 3000 }).size).toBe(300);
  });

  it("leave a narrow strip 32 px on its short side", () => {
    expect(liveSettings(settings(), { width: 4000, height: 40 }).size).toBe(3200);
  });
});

describe("the steps of a live picture", () => {
  const sizes = (change: Partial<Settings>, side: number) =>
    liveSteps(settings(change), { width: side, height: side }).map(({ size }) => size);

  it("are a small one at once and a sharp one after it", () => {
    expect(sizes({}, 4000)).toEqual([256, 512]);
    expect(sizes({ quality: "fine" }, 4000)).toEqual([256, 512]);
  });

  it("are no more than the result has pixels for", () => {
    expect(sizes({}, 200)).toEqual([200]);
    expect(sizes({ size: 300 }, 4000)).toEqual([256, 300]);
    expect(sizes({ quality: "draft" }, 4000)).toEqual([256]);
  });
});
