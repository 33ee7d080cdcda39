// Layers as masks, in Chromium: what counts of a shape and of a picture, several as one, and a layer at its place.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../setup/browser.ts";
import type { Drawn, MasksPage } from "./masks-page.ts";
import { bundlePage, openPage } from "./panel/bundle.ts";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
  const html = await bundlePage(new URL("masks-page.ts", import.meta.url));
  ({ page } = await openPage(browser, html, { theme: "light" }));
});
afterAll(() => browser?.close());

type InPage = Window & { masks: MasksPage };
const join = (layers: Drawn[], over = { width: 4, height: 2 }, maxSide = 64) =>
  page.evaluate(([a, b, c]) => (window as unknown as InPage).masks.join(a, b, c), [layers, over, maxSide] as const);

const shape = (...at: [number, number, number, number]): Drawn => ({
  size: [4, 2],
  rectangles: [{ color: "#123456", at }],
  byAlpha: true,
});

describe("masks of layers", () => {
  test("of a shape are what it covers, whatever its color, also where it covers all", async () => {
    expect(await join([shape(0, 0, 2, 2)])).toEqual([
      [255, 255, 0, 0],
      [255, 255, 0, 0],
    ]);
    expect((await join([shape(0, 0, 4, 2)]))?.flat().every((value) => value === 255)).toBe(true);
  });

  test("of a picture are its light", async () => {
    const picture = {
      size: [4, 2] as [number, number],
      rectangles: [
        { color: "#000", at: [0, 0, 4, 2] as [number, number, number, number] },
        { color: "#fff", at: [3, 0, 1, 2] as [number, number, number, number] },
      ],
    };
    expect(await join([picture])).toEqual([
      [0, 0, 0, 255],
      [0, 0, 0, 255],
    ]);
  });

  test("are one where there are several, and none where there are none", async () => {
    expect(await join([shape(0, 0, 1, 2), shape(3, 0, 1, 1)])).toEqual([
      [255, 0, 0, 255],
      [255, 0, 0, 0],
    ]);
    expect(await join([])).toBeNull();
  });

  test("have the aspect of what they lie over and no more pixels than are asked for", async () => {
    const rows = await join([shape(0, 0, 2, 2)], { width: 100, height: 50 }, 10);
    expect([rows?.length, rows?.[0]?.length]).toEqual([5, 10]);
  });
});

test("a layer is drawn at its place over another one, turned and scaled with it", async () => {
  const layer: Drawn = { size: [2, 1], rectangles: [{ color: "#f00", at: [0, 0, 2, 1] }] };
  const place = (transform: [[number, number, number], [number, number, number]]) =>
    page.evaluate(([a, b]) => (window as unknown as InPage).masks.place(a, { width: 8, height: 8, transform: b }, 4), [
      layer,
      transform,
    ] as const);
  const moved = await place([
    [2, 0, 4],
    [0, 2, 2],
  ]);
  expect(moved.map((row) => row.join(" "))).toEqual(["0 0 0 0", "0 0 255 255", "0 0 0 0", "0 0 0 0"]);
  const turned = await place([
    [0, -2, 4],
    [2, 0, 2],
  ]);
  expect(turned.map((row) => row.join(" "))).toEqual(["0 0 0 0", "0 255 0 0", "0 255 0 0", "0 0 0 0"]);
});

test("black and white, or one color on nothing, looks like a mask; a picture does not", async () => {
  const looks = (rectangles: Drawn["rectangles"]) =>
    page.evaluate((layer) => (window as unknown as InPage).masks.looks(layer), {
      size: [64, 48] as [number, number],
      rectangles,
    });
  expect(await looks([{ color: "#c00", at: [4, 4, 20, 20] }])).toBe(true);
  const half: Drawn["rectangles"] = [
    { color: "#000", at: [0, 0, 64, 48] },
    { color: "#fff", at: [0, 0, 64, 20] },
  ];
  expect(await looks(half)).toBe(true);
  expect(await looks([...half, { color: "#888", at: [0, 20, 64, 28] }])).toBe(false);
  expect(await looks([{ color: "#fff", at: [0, 0, 64, 48] }])).toBe(false);
});
