// One meaning of color: what the command line and the companion read is what the panel reads, which lets the browser
// decode. More than a hundred kinds of files, decoded in Chromium and natively.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { launchBrowser } from "../../setup/browser.ts";
import { decodeInBrowser, showInBrowser } from "./kinds/in-browser.ts";
import { cutOffPictures, makePictureKinds } from "./kinds/picture-kinds.ts";

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

/** In rows: of a row of blocks that is there in part, browsers show that part. */
const BLOCK = 16;

describe("a file that ends early shows what a browser shows of it:", async () => {
  test.each(await cutOffPictures())("$name", async ({ name, bytes, edge }) => {
    const seen = await showInBrowser(page, bytes);
    const { picture, notes } = await decodePicture(bytes, name);
    const { width, height } = picture;
    expect([width, height]).toEqual([seen?.width, seen?.height]);
    const plane = width * height;
    let ours = 0;
    let theirs = 0;
    let sum = 0;
    for (let i = 0; i < plane; i++) {
      const isThere = picture.channels === 3 || (picture.data[3 * plane + i] as number) > 0;
      if (isThere) ours += 1;
      if ((seen?.rgba[4 * i + 3] as number) > 0) theirs += 1;
      for (let c = 0; isThere && c < 3; c++) {
        sum += Math.abs(Math.round((picture.data[c * plane + i] as number) * 255) - (seen?.rgba[4 * i + c] as number));
      }
    }
    expect(sum / ours / 3).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
    expect(Math.abs(theirs - ours)).toBeLessThanOrEqual(BLOCK * Math.max(width, height));
    const missing = Math.round(100 * (1 - ours / plane));
    const words = missing === 1 ? "1 % is missing" : `${missing} % are missing`;
    expect(notes).toEqual([
      edge === "" ? "ends early: its finest details are missing" : `ends early: the ${edge} ${words}`,
    ]);
  });

  test("and with less than half of it is refused", async () => {
    for (const { name, bytes } of await cutOffPictures(0.2)) {
      await expect(decodePicture(bytes, name)).rejects.toMatchObject({
        code: "bad-picture",
        message: expect.stringMatching(/ends early: (?:only \d+ % of it|too little of it) is there/),
      });
    }
  });

  test("and with everything but its end says nothing", async () => {
    for (const { name, bytes } of await cutOffPictures(1)) {
      const end = name.startsWith("PNG") ? 12 : 2;
      expect((await decodePicture(bytes.subarray(0, bytes.length - end), name)).notes).toEqual([]);
    }
  });
});
