// Encoding and decoding against each other and against what sharp writes with unusual properties.

import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { isSrgb } from "../../../companion/pictures/color/color-space.ts";
import { readIcc } from "../../../companion/pictures/color/icc.ts";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { encodePicture } from "../../../companion/pictures/encode.ts";
import { srgbProfile } from "../../../companion/pictures/srgb-profile.ts";
import { OUTPUT_FORMATS } from "../../../companion/protocol/picture-kinds.ts";
import { largestDifference, ramp } from "./fixtures.ts";

const LOSSLESS = ["png", "tiff"] as const;
const HALF_A_STEP_8 = 0.5 / 255 + 1e-6;
const HALF_A_STEP_16 = 0.5 / 65_535 + 1e-6;

function isSrgbProfile(profile: Uint8Array): boolean {
  const meaning = readIcc(profile, 3);
  return meaning?.kind === "space" && isSrgb(meaning.space);
}

describe("what is written", () => {
  for (const format of LOSSLESS) {
    for (const channels of [3, 4] as const) {
      test(`${format} with ${channels} channels comes back to half a step of 8 bits`, async () => {
        const picture = ramp(37, 23, channels);
        const back = await decodePicture(await encodePicture(picture, format), format);
        expect(back.picture.channels).toBe(channels);
        expect(back.bitDepth).toBe(8);
        expect(largestDifference(back.picture.data, picture.data)).toBeLessThanOrEqual(HALF_A_STEP_8);
      });

      test(`${format} with ${channels} channels comes back to half a step of 16 bits`, async () => {
        const picture = ramp(37, 23, channels);
        const back = await decodePicture(await encodePicture(picture, format, { bitDepth: 16 }), format);
        expect(back.bitDepth).toBe(16);
        expect(largestDifference(back.picture.data, picture.data)).toBeLessThanOrEqual(HALF_A_STEP_16);
      });
    }
  }

  for (const format of OUTPUT_FORMATS) {
    test(`${format} carries the sRGB profile`, async () => {
      const { icc } = await sharp(await encodePicture(ramp(16, 16), format)).metadata();
      expect(icc !== undefined && isSrgbProfile(icc)).toBe(true);
    });
  }

  test("16-bit PNG and TIFF carry the sRGB profile", async () => {
    for (const format of LOSSLESS) {
      const { icc, depth } = await sharp(await encodePicture(ramp(16, 16), format, { bitDepth: 16 })).metadata();
      expect(depth).toBe("ushort");
      expect(icc !== undefined && isSrgbProfile(icc)).toBe(true);
    }
  });

  test("JPEG and WebP stay close to the picture", async () => {
    for (const format of ["jpeg", "webp"] as const) {
      const picture = ramp(64, 48);
      const back = await decodePicture(await encodePicture(picture, format), format);
      expect(largestDifference(back.picture.data, picture.data)).toBeLessThan(0.04);
    }
  });

  test("JPEG has white where the picture is transparent", async () => {
    const picture = ramp(16, 16, 4);
    picture.data.fill(0);
    const back = await decodePicture(await encodePicture(picture, "jpeg"), "a.jpg");
    expect(back.picture.channels).toBe(3);
    expect(Math.min(...back.picture.data)).toBeGreaterThan(0.99);
  });

  test("values outside 0 … 1 are clamped", async () => {
    const picture = ramp(4, 4);
    picture.data[0] = -3;
    picture.data[1] = 7;
    const back = await decodePicture(await encodePicture(picture, "png"), "a.png");
    expect([...back.picture.data.subarray(0, 2)]).toEqual([0, 1]);
  });

  test("16 bits in a format that has 8 is refused", async () => {
    for (const format of ["jpeg", "webp"] as const) {
      await expect(encodePicture(ramp(8, 8), format, { bitDepth: 16 })).rejects.toMatchObject({ code: "bad-request" });
    }
  });
});

describe("what is read", () => {
  const interleaved = (width: number, height: number) =>
    Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7) & 255);
  const image = (width = 40, height = 30) => sharp(interleaved(width, height), { raw: { width, height, channels: 3 } });

  test("EXIF orientation is applied", async () => {
    const upright = (await decodePicture(await image().png().toBuffer(), "a.png")).picture;
    const turned = await decodePicture(await image().withMetadata({ orientation: 6 }).png().toBuffer(), "b.png");
    expect([turned.picture.width, turned.picture.height]).toEqual([30, 40]);
    expect([turned.sourceWidth, turned.sourceHeight]).toEqual([30, 40]);
    // Orientation 6: turned clockwise, so the upper right corner was the upper left one.
    expect(turned.picture.data[29]).toBe(upright.data[0]);
  });

  test("gray pictures become three equal channels, with alpha four", async () => {
    for (const alpha of [false, true]) {
      const gray = image().toColourspace("b-w");
      const bytes = await (alpha ? gray.ensureAlpha(0.5) : gray).png().toBuffer();
      const { picture } = await decodePicture(bytes, "gray.png");
      const plane = picture.width * picture.height;
      expect(picture.channels).toBe(alpha ? 4 : 3);
      expect(picture.data.subarray(0, plane)).toEqual(picture.data.subarray(plane, 2 * plane));
    }
  });

  test("16-bit gray keeps its precision", async () => {
    const samples = Uint16Array.from({ length: 64 }, (_, i) => i * 1003);
    const bytes = await sharp(samples, { raw: { width: 8, height: 8, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer();
    const { picture, bitDepth } = await decodePicture(bytes, "gray16.png");
    expect(bitDepth).toBe(16);
    expect(picture.data.subarray(0, 64)).toEqual(Float32Array.from(samples, (sample) => sample / 65_535));
  });

  test("CMYK becomes sRGB: paper is white, full black is dark", async () => {
    const inks = new Uint8Array(32 * 32 * 3).fill(255);
    inks.fill(0, inks.length / 2);
    const bytes = await sharp(inks, { raw: { width: 32, height: 32, channels: 3 } })
      .toColourspace("cmyk")
      .jpeg({ quality: 100 })
      .toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe("cmyk");
    const { picture } = await decodePicture(bytes, "print.jpg");
    expect(picture.channels).toBe(3);
    expect(picture.data[0]).toBeGreaterThan(0.97);
    expect(picture.data[1023]).toBeLessThan(0.2);
  });

  test("a wide profile is converted, at 8 bits and at 16 alike", async () => {
    const gray = (await decodePicture(await image().png().toBuffer(), "plain.png")).picture;
    const eight = await decodePicture(await image().withIccProfile("p3").png().toBuffer(), "p3.png");
    expect(largestDifference(eight.picture.data, gray.data)).toBeLessThan(0.06);
    const plain = await encodePicture(gray, "png", { bitDepth: 16 });
    const { icc } = await sharp(await image().withIccProfile("p3").png().toBuffer()).metadata();
    const tagged = withProfile(stripProfile(plain), icc ?? new Uint8Array());
    const sixteen = await decodePicture(tagged, "p3-16.png");
    const reference = await sharp(withProfile(stripProfile(await encodePicture(gray, "png")), icc ?? new Uint8Array()))
      .raw()
      .toBuffer();
    const plane = gray.width * gray.height;
    const planar = Float32Array.from(
      sixteen.picture.data,
      (_, i) => (reference[(i % plane) * 3 + Math.floor(i / plane)] ?? 0) / 255,
    );
    expect(largestDifference(sixteen.picture.data, planar)).toBeLessThan(0.02);
    expect(largestDifference(sixteen.picture.data, gray.data)).toBeGreaterThan(0.05);
  });

  test("an sRGB profile changes no sample", async () => {
    const picture = ramp(50, 40);
    const once = await decodePicture(await encodePicture(picture, "png", { bitDepth: 16 }), "a.png");
    const twice = await decodePicture(await encodePicture(once.picture, "png", { bitDepth: 16 }), "a.png");
    expect(twice.picture.data).toEqual(once.picture.data);
  });

  test("every format is read", async () => {
    for (const format of ["png", "jpeg", "webp", "avif", "tiff"] as const) {
      const { picture } = await decodePicture(await image(48, 32).toFormat(format).toBuffer(), format);
      expect([picture.width, picture.height]).toEqual([48, 32]);
    }
  });

  test("10-bit AVIF keeps more than 8 bits", async () => {
    const bytes = await image(64, 64).avif({ bitdepth: 10, lossless: true }).toBuffer();
    expect((await decodePicture(bytes, "ten.avif")).bitDepth).toBe(16);
  });

  test("pictures shrink to the side that is asked for and never grow", async () => {
    const bytes = await image(400, 200).png().toBuffer();
    const small = await decodePicture(bytes, "a.png", { maxSide: 100 });
    expect([small.picture.width, small.picture.height]).toEqual([100, 50]);
    expect([small.sourceWidth, small.sourceHeight]).toEqual([400, 200]);
    const same = await decodePicture(bytes, "a.png", { maxSide: 1000 });
    expect([same.picture.width, same.picture.height]).toEqual([400, 200]);
  });

  test("a strip shrinks no further than 32 px on its short side", async () => {
    const strip = await decodePicture(await image(2000, 50).png().toBuffer(), "strip.png", { maxSide: 512 });
    expect([strip.picture.width, strip.picture.height]).toEqual([1280, 32]);
  });

  test("the first page of several is taken, and that is said", async () => {
    const frames = await sharp(interleaved(16, 32).fill(0, 768), {
      raw: { width: 16, height: 32, channels: 3, pageHeight: 16 },
    })
      .webp({ loop: 0, delay: [100, 100] })
      .toBuffer();
    const { picture, notes } = await decodePicture(frames, "moving.webp");
    expect([picture.width, picture.height]).toEqual([16, 16]);
    expect(notes).toEqual(["has 2 frames or pages; the first was taken"]);
  });
});

/** A PNG with `profile` in place of the one it may have. */
function withProfile(png: Uint8Array, profile: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from("iCCPp\0\0", "latin1"), deflateSync(profile)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(typed.length - 4);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([png.subarray(0, 33), length, typed, checksum, png.subarray(33)]);
}

function stripProfile(png: Uint8Array): Buffer {
  const bytes = Buffer.from(png);
  const parts = [bytes.subarray(0, 8)];
  for (let at = 8; at < bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) !== "iCCP") parts.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}

test("the built-in profile is a small sRGB one", async () => {
  const profile = await srgbProfile();
  expect(profile.length).toBeLessThan(1000);
  expect(isSrgbProfile(profile)).toBe(true);
});
