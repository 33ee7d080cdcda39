// One meaning of color: what the command line and the companion read is what the panel reads, which lets the browser
// decode. More than a hundred kinds of files, decoded in Chromium and natively.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { launchBrowser } from "../../setup/browser.ts";
import { decodeInBrowser } from "./kinds/in-browser.ts";
import { makePictureKinds } from "./kinds/picture-kinds.ts";

/** Levels of 255; what rounding, upsampling of chroma and 8 against 16 bits come to is below both. */
const MAX_MEAN_DIFFERENCE = 3;
const MAX_PIXEL_DIFFERENCE = 6;
const MAX_SHARE_BEYOND = 0.05;
/** Where a browser is coarser than we are, the share of pixels that may be further off. */
const COARSE: Readonly<Record<string, number>> = {
  // It drops the lower eight bits before it applies the curve, which leaves 13 levels between the two darkest shades.
  "linear16-g10.png": 0.08,
  // Chroma of half the size behind hard edges: it blends neighbors, libheif repeats them.
  "fromexif6.avif": 0.08,
};

let browser: Browser;
let page: Page;
const kinds = await makePictureKinds();

beforeAll(async () => {
  browser = await launchBrowser();
  page = await browser.newPage();
});
afterAll(() => browser.close());

test("there are at least sixty kinds to compare", () => {
  expect(kinds.length).toBeGreaterThanOrEqual(60);
});

describe("as in the browser:", () => {
  test.each(kinds)("$name", async ({ name, bytes, twin }) => {
    const seen = await decodeInBrowser(page, twin ?? bytes);
    expect(seen, "the browser reads it").not.toBeNull();
    if (seen === null) return;
    const { picture } = await decodePicture(bytes, name);
    expect([picture.width, picture.height]).toEqual([seen.width, seen.height]);
    const plane = picture.width * picture.height;
    const sums = [0, 0, 0, 0];
    let beyond = 0;
    for (let i = 0; i < plane; i++) {
      let worst = 0;
      for (let c = 0; c < 4; c++) {
        const own = c < picture.channels ? Math.round((picture.data[c * plane + i] as number) * 255) : 255;
        const difference = own - (seen.rgba[4 * i + c] as number);
        sums[c] = (sums[c] as number) + difference;
        worst = Math.max(worst, Math.abs(difference));
      }
      if (worst > MAX_PIXEL_DIFFERENCE) beyond += 1;
    }
    for (const sum of sums) expect(Math.abs(sum / plane)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
    expect(beyond / plane).toBeLessThanOrEqual(COARSE[name] ?? MAX_SHARE_BEYOND);
  });
});
