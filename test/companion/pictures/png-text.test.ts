// Texts in PNGs: written so that decoders accept them, read back as they were.

import sharp from "sharp";
import { expect, test } from "vitest";
import { embedPngText, readPngText } from "../../../companion/pictures/png-text.ts";
import { noisePng } from "../support/pictures.ts";

const png = noisePng(1);

test("a text comes back as it was, and the pixels stay", async () => {
  const text = JSON.stringify({ name: "Tübingen 🎨", long: "x".repeat(100_000) });
  const told = embedPngText(png, "impasto", text);
  expect(readPngText(told, "impasto")).toBe(text);
  expect(readPngText(told, "other")).toBeNull();
  const pixels = async (bytes: Uint8Array) => await sharp(bytes).raw().toBuffer();
  expect((await pixels(told)).equals(await pixels(png))).toBe(true);
  expect((await sharp(told).metadata()).comments).toMatchObject([{ keyword: "impasto", text }]);
});

test("the first of several texts under a keyword is taken", () => {
  const told = embedPngText(embedPngText(png, "impasto", "second"), "impasto", "first");
  expect(readPngText(told, "impasto")).toBe("first");
});

test("BAD INPUT - files without, cut and garbled files give null", () => {
  const told = embedPngText(png, "impasto", "text");
  expect(readPngText(png, "impasto")).toBeNull();
  expect(readPngText(Buffer.from("no picture"), "impasto")).toBeNull();
  for (let length = 0; length < told.length - 1; length += 7) {
    const text = readPngText(told.subarray(0, length), "impasto");
    expect(text === null || text === "text").toBe(true);
  }
});
