// What the panel says to files that its browser does not read: their kind, and a remedy that the same door takes.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unreadable } from "../../ui/pictures.ts";
import { CASES } from "../companion/pictures/kinds/picture-kinds.ts";

const beginning = (text: string) => Uint8Array.from(Buffer.from(text.padEnd(32, "\0"), "latin1"));

test.each([
  [
    "photo.heic",
    readFileSync(join(CASES, "p3.heic")),
    "a HEIC picture",
    /^Export it as a PNG, JPEG or WebP picture\.$/,
  ],
  ["scan.tif", readFileSync(join(CASES, "t-grayf32.tif")), "a TIFF", /PNG, JPEG or WebP/],
  ["big.tif", beginning("MM\0+"), "a TIFF", /PNG, JPEG or WebP/],
  ["photo.NEF", beginning("MM\0*"), "a camera raw file (NEF)", /^Develop it .* a PNG, JPEG or WebP picture\.$/],
  ["photo.cr2", beginning("II*\0\x10\0\0\0CR"), "a camera raw file (Canon CR2)", /^Develop it/],
  ["photo.raf", beginning("FUJIFILMCCD-RAW 0201"), "a camera raw file (Fujifilm RAF)", /^Develop it/],
  ["sky.hdr", beginning("#?RADIANCE\n"), "a Radiance picture (HDR)", /PNG, JPEG or WebP/],
  ["sky.exr", beginning("v/1\x01"), "an OpenEXR picture (HDR)", /PNG, JPEG or WebP/],
  ["poster.psd", beginning("8BPS\0\x01"), "a Photoshop file", /PNG, JPEG or WebP/],
  ["poster.pdf", beginning("%PDF-1.7"), "a PDF", /PNG, JPEG or WebP/],
])("%s is called by its kind", (name, bytes, kind, remedy) => {
  const { code, message, hint } = unreadable(bytes, name);
  expect([code, message]).toEqual(["unsupported-picture", `“${name}” is ${kind}, which is not read here.`]);
  expect(hint).toMatch(remedy);
  expect(hint).not.toMatch(/TIFF|HEIC/);
});

test("only what is a picture counts as damaged", () => {
  expect(unreadable(beginning("\xff\xd8\xff\xe0"), "photo")).toMatchObject({ code: "bad-picture" });
  expect(unreadable(beginning("hello"), "notes.txt")).toMatchObject({ code: "unsupported-picture" });
});
