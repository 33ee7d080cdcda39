// What is read, what is refused and in which words, by kinds of files: headers that are not stricter than the decoder,
// camera raw, files of many pictures, compressions and samples that nobody here reads.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { decodeFailure } from "../../../companion/pictures/decode-failure.ts";
import { decodeInThread } from "../../../companion/pictures/heic-thread.ts";
import { readPictureHeader } from "../../../companion/pictures/read-header.ts";
import { clapBox, irotBox, nclxBox, withProperties } from "./kinds/make-avif.ts";
import { cicpChunk, makePng } from "./kinds/make-png.ts";
import { type Directory, type Field, makeTiff } from "./kinds/make-tiff.ts";
import { CASES } from "./kinds/picture-kinds.ts";

const WIDTH = 40;
const HEIGHT = 36;

function page(extra: Field[] = [], more: Partial<Directory> = {}): Directory {
  const strip = new Uint8Array(WIDTH * HEIGHT * 3).fill(128);
  return { width: WIDTH, height: HEIGHT, strip, bits: [8, 8, 8], photometric: 2, extra, ...more };
}

const ascii = (text: string): number[] => [...Buffer.from(`${text}\0`, "latin1")];
const make = (text: string): Field => [271, "ascii", ascii(text)];
const PREVIEW: Field = [254, "long", [1]];

async function refusal(bytes: Uint8Array, name = "file"): Promise<{ code: string; message: string; hint: string }> {
  return await decodePicture(bytes, name).then(
    () => {
      throw new Error("it was read");
    },
    (error) => error,
  );
}

describe("camera raw is refused by its name, with what to do:", () => {
  const sensor: Directory = {
    ...page(),
    strip: new Uint8Array(WIDTH * HEIGHT * 2),
    bits: [16],
    photometric: 32_803,
  };
  const pattern: Directory = { ...sensor, photometric: 1, extra: [[33_422, "bytes", [0, 1, 1, 2]]] };
  const files: [string, RegExp, Uint8Array][] = [
    ["NEF", /Nikon NEF/, makeTiff([page([PREVIEW, make("NIKON CORPORATION")], { subDirectories: [sensor] })])],
    ["a sensor's pattern below", /Nikon NEF/, makeTiff([page([make("NIKON")], { subDirectories: [pattern] })])],
    ["ARW", /Sony ARW/, makeTiff([page([make("SONY")]), { ...sensor, compression: 32_767 }])],
    ["PEF", /Pentax PEF/, makeTiff([page([make("PENTAX")], { compression: 65_535 })])],
    ["DNG", /DNG/, makeTiff([page([PREVIEW, [50_706, "bytes", [1, 4, 0, 0]]])])],
    ["no maker", /of a kind of its own/, makeTiff([sensor])],
    ["CR2", /Canon CR2/, Buffer.from("II*\0\x10\0\0\0CR\x02\0\0\0\0\0", "latin1")],
    ["CR3", /Canon CR3/, Buffer.from("\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "latin1")],
    ["ORF", /Olympus ORF/, Buffer.from("IIRO\x08\0\0\0\0\0\0\0\0\0\0\0", "latin1")],
    ["RW2", /Panasonic RW2/, Buffer.from("IIU\0\x18\0\0\0\0\0\0\0\0\0\0\0", "latin1")],
    ["RAF", /Fujifilm RAF/, Buffer.from("FUJIFILMCCD-RAW 0201FF", "latin1")],
  ];
  test.each(files)("%s", async (_, kind, bytes) => {
    const error = await refusal(bytes, "photo.raw");
    expect(error.code).toBe("unsupported-picture");
    expect(error.message).toMatch(/^photo\.raw is a camera raw file/);
    expect(error.message).toMatch(kind);
    expect(error.hint).toMatch(/export a TIFF or JPEG/);
  });
});

describe("what is in order and not for us is never called damaged:", () => {
  const files: [string, RegExp, () => Uint8Array][] = [
    ["Zstandard", /compressed with Zstandard/, () => readFileSync(join(CASES, "t-zstd.tif"))],
    ["JPEG XL inside TIFF", /compressed with JPEG XL/, () => makeTiff([page([], { compression: 50_002 })])],
    [
      "five inks",
      /5 inks/,
      () => makeTiff([page([], { bits: Array(5).fill(8), photometric: 5, strip: new Uint8Array(WIDTH * HEIGHT * 5) })]),
    ],
    ["YCbCr", /YCbCr/, () => makeTiff([page([], { photometric: 6 })])],
    ["12 bits a channel", /stored in a way/, () => makeTiff([page([], { bits: [12, 12, 12] })])],
    ["JPEG-LS", /JPEG-LS/, () => Buffer.from([0xff, 0xd8, 0xff, 0xf7, 0, 11, 8, 0, 40, 0, 40, 1, 1, 0x11, 0])],
    ["JPEG of 12 bits", /12 bits/, () => Buffer.from([0xff, 0xd8, 0xff, 0xc1, 0, 11, 12, 0, 40, 0, 40, 1, 1, 0x11, 0])],
    [
      "channels apart, in tiles",
      /channels are stored apart/,
      () =>
        makeTiff([
          page([
            [284, "short", [2]],
            [322, "short", [16]],
            [323, "short", [16]],
          ]),
        ]),
    ],
    ["Lab", /Lab/, () => makeTiff([page([], { photometric: 8 })])],
    [
      "integers of 32 bits",
      /numbers that are not read/,
      () => makeTiff([page([], { bits: [32], photometric: 1, strip: new Uint8Array(WIDTH * HEIGHT * 4) })]),
    ],
    [
      "floats beyond white",
      /HDR/,
      () => {
        const strip = new Uint8Array(new Float32Array(WIDTH * HEIGHT).fill(4).buffer);
        return makeTiff([page([[339, "short", [3]]], { bits: [32], photometric: 1, strip })]);
      },
    ],
    ...([16, 18] as const).map((transfer): [string, RegExp, () => Uint8Array] => [
      `PNG with transfer ${transfer}`,
      /HDR/,
      () => {
        const values = Array(WIDTH * HEIGHT * 3).fill(99);
        return makePng({ width: WIDTH, height: HEIGHT, channels: 3, bitDepth: 8, values }, [cicpChunk(9, transfer)]);
      },
    ]),
  ];
  test.each(files)("%s", async (_, words, bytes) => {
    const error = await refusal(bytes(), "a file");
    expect(error.code).toBe("unsupported-picture");
    expect(error.message).toMatch(words);
    expect(error.message).not.toMatch(/damaged/);
    expect(error.hint).not.toBe("");
  });

  test("AVIF in PQ", async () => {
    const avif = await sharp({ create: { width: 48, height: 40, channels: 3, background: "gray" } })
      .avif({ effort: 0 })
      .toBuffer();
    expect((await refusal(withProperties(avif, [nclxBox(9, 16, 9)]))).message).toMatch(/HDR/);
  });
});

describe("what is no picture for us is called by its name:", () => {
  const FILES: [string, string][] = [
    ["a Windows bitmap", "BM6Q\0\0\0\0\0\x006\0\0\0(\0\0\0"],
    ["an icon or a pointer of Windows", "\0\0\x01\0\x05\0\x10\x0c"],
    ["an icon of macOS", "icns\0\0\x10\0"],
    ["what macOS keeps beside a file", "\0\x05\x16\x07\0\x02\0\0Mac OS X        "],
    ["a Figma file", "fig-kiwi\x0f\0\0\0"],
    ["a Krita file", `PK\x03\x04${"\0".repeat(26)}mimetypeapplication/x-krita`],
    ["a zip archive", "PK\x03\x04\x14\0"],
    ["a gzip archive", "\x1f\x8b\b\0"],
    ["a portable bitmap", "P6\n96 72\n255\n"],
    ["a video", "RIFF\x10\0\0\0AVI LIST"],
    ["a QOI picture", "qoif\0\0\0\x60"],
    ["a JPEG XR picture", "II\xbc\x01 \0\0\0"],
    ["a PNG that was copied as text", "\x89PNG\n\x1a\n\0\0\0\rIHDR"],
    ["a PNG that was copied as text", "\x89PNG\r\n\x1a\r\n\0\0\0\rIHDR"],
    ["a PNG that was copied as text", "\xc2\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
    ["a PNG that was copied as text", "\xef\xbf\xbdPNG\r\n\x1a\n\0\0\0\rIHDR"],
    ["a sound", "ID3\x04\0"],
    ["a program", "\x7fELF\x02"],
    ["a web page", "\n <!doctype html><p>404"],
    ["a PCX picture", "\n\x05\x01\b"],
    ["a DICOM picture", `${"\0".repeat(128)}DICM`],
    ["a Windows metafile", "\xd7\xcd\xc6\x9a"],
    ["text in UTF-16", "\xff\xfe<\0s\0"],
    ["an answer of a web server", "HTTP/1.1 200 OK\r\n"],
    ["nothing but zeros", "\0".repeat(300)],
    ["a Targa picture", "\0\0\x02\0\0\0\0\0\0\0\0\0`\0H\0\x18\0"],
    ["an SVG", '<?xml version="1.0"?><svg>'],
    ["text, not a picture", '{"error": "not found"}'],
  ];
  test.each(FILES)("%s", async (kind, beginning) => {
    const error = await refusal(Buffer.from(beginning, "latin1"), "photo.jpg");
    expect(error.code).toBe("unsupported-picture");
    expect(error.message.startsWith(`photo.jpg is ${kind}`)).toBe(true);
  });
});

test("texts in a PNG cost nothing, whatever they unpack to", async () => {
  const values = Array(WIDTH * HEIGHT * 3).fill(99);
  const text = Buffer.concat([Buffer.from("Comment\0\0"), deflateSync(Buffer.alloc(5e7))]);
  const texts = Array(20).fill(["zTXt", text]);
  const file = makePng({ width: WIDTH, height: HEIGHT, channels: 3, bitDepth: 8, values }, texts);
  const before = process.cpuUsage();
  const { picture } = await decodePicture(file, "bomb.png");
  expect(picture.width).toBe(WIDTH);
  // A gigabyte takes seconds of this; reading past it, milliseconds.
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(1e6);
});

describe("a file of many pictures", () => {
  test("says which one was taken, and counts no preview and no mask", async () => {
    const mask: Field = [254, "long", [4]];
    const file = makeTiff([page([PREVIEW], { width: 4, height: 4 }), page(), page([mask]), page()]);
    const { notes, picture } = await decodePicture(file, "pages.tif");
    expect(notes).toEqual(["has 2 frames or pages; the first was taken"]);
    expect([picture.width, picture.height]).toEqual([WIDTH, HEIGHT]);
    expect((await decodePicture(makeTiff([page([PREVIEW]), page()]), "one.tif")).notes).toEqual([]);
  });

  test.each([
    ["a stereo pair", [0x20020002, 0x020002], ["has 2 frames or pages; the first was taken"]],
    ["a photo and its other views", [0x20030000, 0x020001, 0x020001], ["has 3 frames or pages; the first was taken"]],
    ["a photo with its gain map", [0x20030000, 0], []],
  ])("tells %s in a JPEG from what belongs to one picture", async (_, kinds, notes) => {
    const jpeg = await sharp({ create: { width: 48, height: 40, channels: 3, background: "gray" } })
      .jpeg()
      .toBuffer();
    const index = Buffer.alloc(26 + 16 * kinds.length);
    index.write("II*\0\b\0\0\0\x01\0\x02\xb0\x07\0", "latin1");
    index.writeUInt32LE(16 * kinds.length, 14);
    index.writeUInt32LE(26, 18);
    for (const [i, kind] of kinds.entries()) index.writeUInt32LE(kind, 26 + 16 * i);
    const withIndex = (given: Buffer) => {
      const head = Buffer.from("\xff\xe2\0\0MPF\0", "latin1");
      head.writeUInt16BE(6 + given.length, 2);
      return Buffer.concat([jpeg.subarray(0, 2), head, given, jpeg.subarray(2), jpeg]);
    };
    expect((await decodePicture(withIndex(index), "photo.jpg")).notes).toEqual(notes);
    index.writeUInt32LE(0x7fffffff, 18);
    expect((await decodePicture(withIndex(index), "photo.jpg")).notes).toEqual([]);
  });

  test("whose further directories are broken opens with the first", async () => {
    const file = makeTiff([page()]);
    const directory = file.readUInt32LE(4);
    file.writeUInt32LE(0x7fff0000, directory + 2 + 12 * file.readUInt16LE(directory));
    expect(readPictureHeader(file, "file").pages).toBe(1);
  });
});

describe("the header tells the size that the decoder finds", () => {
  test("of a turned and of a cut-out AVIF", async () => {
    const avif = await sharp({ create: { width: 64, height: 48, channels: 3, background: "gray" } })
      .avif({ effort: 0 })
      .toBuffer();
    const sizes: [Buffer[], number[]][] = [
      [[irotBox(1)], [48, 64]],
      [[irotBox(2)], [64, 48]],
      [[clapBox(40, 36, 3, 2)], [40, 36]],
      [
        [clapBox(40, 36, 3, 2), irotBox(3)],
        [36, 40],
      ],
    ];
    for (const [added, size] of sizes) {
      const file = withProperties(avif, added);
      const { width, height } = readPictureHeader(file, "file");
      expect([width, height]).toEqual(size);
      const { picture } = await decodePicture(file, "file");
      expect([picture.width, picture.height]).toEqual(size);
    }
  });

  test("and holds the largest part of an AVIF against the limits", async () => {
    const avif = await sharp({ create: { width: 64, height: 48, channels: 3, background: "gray" } })
      .avif({ effort: 0 })
      .toBuffer();
    const ispe = Buffer.alloc(20);
    ispe.writeUInt32BE(20, 0);
    ispe.write("ispe", 4, "latin1");
    ispe.writeUInt32BE(60_000, 12);
    ispe.writeUInt32BE(60_000, 16);
    expect(() => readPictureHeader(withProperties(avif, [ispe]), "file")).toThrow(/not read/);
  });

  test("of a JPEG with strays anywhere between its segments", async () => {
    const jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: "gray" } })
      .jpeg()
      .toBuffer();
    for (const strays of [
      [1, 2, 3],
      [0, 0],
      [0xff, 0, 7],
    ]) {
      const file = Buffer.concat([jpeg.subarray(0, 2), Buffer.from(strays), jpeg.subarray(2)]);
      expect(readPictureHeader(file, "file")).toMatchObject({ width: 64, height: 48 });
    }
  });
});

describe("HEIC", () => {
  const heic = readFileSync(join(CASES, "p3.heic"));

  test("is read, with its profile", async () => {
    const { picture } = await decodePicture(heic, "photo.heic");
    const twin = await decodePicture(readFileSync(join(CASES, "p3-twin.png")), "twin.png");
    expect([picture.width, picture.height, picture.channels]).toEqual([96, 64, 3]);
    let sum = 0;
    for (const [i, value] of picture.data.entries()) sum += Math.abs(value - (twin.picture.data[i] as number));
    expect((sum / picture.data.length) * 255).toBeLessThan(3);
  });

  test("that takes too long is said to, and its thread is ended", async () => {
    const folder = mkdtempSync(join(tmpdir(), "impasto-heic-"));
    const script = join(folder, "endless.mjs");
    writeFileSync(script, "for (;;);");
    const error = await decodeInThread({ bytes: heic, name: "photo.heic" }, { script, limitMs: 200 }).catch(
      (cause: unknown) => decodeFailure("photo.heic", cause),
    );
    rmSync(folder, { recursive: true });
    expect(error).toMatchObject({ code: "bad-picture", message: "photo.heic takes too long to decode." });
  });

  test("that is cut off is refused", async () => {
    for (let end = 0; end < heic.length / 2; end += Math.floor(heic.length / 6)) {
      expect((await refusal(heic.subarray(0, end))).message).toMatch(/cannot be read|can read/);
    }
  });
});

test("a red of AdobeRGB is the same red at 16 bits and at 8", async () => {
  const { ADOBE_PRIMARIES, gammaCurve, rgbProfile } = await import("./kinds/make-icc.ts");
  const { iccpChunk } = await import("./kinds/make-png.ts");
  const profile = iccpChunk(rgbProfile(ADOBE_PRIMARIES, gammaCurve(563 / 256)));
  const red = async (bitDepth: 8 | 16) => {
    const top = 2 ** bitDepth - 1;
    const values = Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => (i % 3 === 0 ? top : Math.round(top * 0.1)));
    const png = makePng({ width: WIDTH, height: HEIGHT, channels: 3, bitDepth, values }, [profile]);
    const { data } = (await decodePicture(png, "red.png")).picture;
    return [0, 1, 2].map((channel) => data[channel * WIDTH * HEIGHT] as number);
  };
  const [eight, sixteen] = [await red(8), await red(16)];
  for (const [i, value] of eight.entries()) expect(Math.abs(value - (sixteen[i] as number))).toBeLessThan(1 / 255);
});

describe("where a browser errs, the value is what the picture was made from:", () => {
  const LEFT = [200, 100, 50];
  const RIGHT = [10, 220, 240];
  const FILES: [string, number[], number[]][] = [
    ["animation.avif", [...LEFT, 255], [...RIGHT, 255]],
    ["premultiplied.avif", [...LEFT, 128], [...RIGHT, 255]],
  ];
  test.each(FILES)("%s", async (name, left, right) => {
    const { picture, notes } = await decodePicture(readFileSync(join(CASES, "..", "by-value", name)), name);
    const plane = picture.width * picture.height;
    for (const [x, color] of [[4, left] as const, [44, right] as const]) {
      for (const [channel, expected] of color.entries()) {
        const value =
          channel < picture.channels ? (picture.data[channel * plane + 20 * picture.width + x] as number) : 1;
        expect(Math.abs(255 * value - expected)).toBeLessThan(4);
      }
    }
    expect(notes).toEqual(name.startsWith("animation") ? ["has 2 frames or pages; the first was taken"] : []);
  });
});

describe("a TIFF from the field", () => {
  /** Channels, and the means of red, green and blue of 255. */
  const FILES: [string, number, number[]][] = [
    ["t-grayf32.tif", 3, [127, 127, 127]],
    ["t-rgb+unspec.tif", 3, [128, 127, 122]],
    // Alpha, then a saved selection.
    ["t-rgb+2alpha.tif", 4, [128, 127, 122]],
  ];
  for (const [name, channels, means] of FILES) {
    test(`${name} has its colors, and alpha only where it says so`, async () => {
      const { picture } = await decodePicture(readFileSync(join(CASES, name)), name);
      expect([picture.width, picture.height, picture.channels]).toEqual([160, 120, channels]);
      const plane = picture.width * picture.height;
      for (const [channel, expected] of means.entries()) {
        const samples = picture.data.subarray(channel * plane, (channel + 1) * plane);
        const mean = (255 * samples.reduce((sum, value) => sum + value, 0)) / plane;
        expect(Math.abs(mean - expected)).toBeLessThan(3);
      }
    });
  }
});
