// One small picture of every kind that is read, for comparing what a browser shows with what is decoded natively.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { clapBox, imirBox, irotBox, nclxBox, withProperties } from "./make-avif.ts";
import {
  ADOBE_PRIMARIES,
  gammaCurve,
  grayProfile,
  IDENTITY_CURVE,
  P3_PRIMARIES,
  PROPHOTO_PRIMARIES,
  parametricCurve,
  rgbProfile,
  SRGB_CURVE,
  SRGB_PRIMARIES,
  srgbToLinear,
  tableCurve,
} from "./make-icc.ts";
import {
  animationChunk,
  type Chunk,
  chromaticityChunk,
  cicpChunk,
  frameChunks,
  gammaChunk,
  iccpChunk,
  makePng,
  type Samples,
  SRGB_CHUNK,
} from "./make-png.ts";
import { type Directory, type Field, makeTiff } from "./make-tiff.ts";

export interface PictureKind {
  name: string;
  bytes: Buffer;
  /** What the browser is shown in its place, where it does not read the format: the same samples and profile as PNG. */
  twin?: Buffer;
}

const WIDTH = 48;
const HEIGHT = 40;
export const CASES = join(import.meta.dirname, "cases");

/** Hues over brightness, a gray ramp and saturated corners, so that primaries, curves and clipping all show. */
function colorAt(x: number, y: number): [number, number, number] {
  if (y < 8) return [x / (WIDTH - 1), x / (WIDTH - 1), x / (WIDTH - 1)];
  if (y < 16) return [Number(x % 16 < 8), Number(x % 32 < 16), Number(x < 24)];
  const hue = (6 * x) / WIDTH;
  const light = (y - 16) / (HEIGHT - 17);
  const ramp = (offset: number) => Math.min(1, Math.max(0, Math.abs(((hue + offset) % 6) - 3) - 1));
  return [ramp(0), ramp(4), ramp(2)].map((value) => light * (0.25 + 0.75 * value)) as [number, number, number];
}

function samples(channels: 1 | 2 | 3 | 4, bitDepth: 8 | 16 = 8): Samples {
  const scale = 2 ** bitDepth - 1;
  const values: number[] = [];
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [r, g, b] = colorAt(x, y);
      const color = channels < 3 ? [0.3 * r + 0.4 * g + 0.3 * b] : [r, g, b];
      // Never so transparent that a browser's premultiplied bytes say nothing of the color.
      const alpha = channels % 2 === 0 ? [0.5 + (0.5 * y) / (HEIGHT - 1)] : [];
      values.push(...[...color, ...alpha].map((value) => Math.round(value * scale)));
    }
  }
  return { width: WIDTH, height: HEIGHT, channels, bitDepth, values };
}

function image(channels: 1 | 3 | 4 = 3): Sharp {
  const { values } = samples(channels);
  return sharp(Uint8Array.from(values), { raw: { width: WIDTH, height: HEIGHT, channels } });
}

const PROFILES: Record<string, Buffer> = {
  "sRGB v2": rgbProfile(SRGB_PRIMARIES, tableCurve(srgbToLinear)),
  "sRGB v4": rgbProfile(SRGB_PRIMARIES, SRGB_CURVE, { version: 4 }),
  "P3 v4": rgbProfile(P3_PRIMARIES, SRGB_CURVE, { version: 4 }),
  "P3 called sRGB": rgbProfile(P3_PRIMARIES, SRGB_CURVE, { name: "sRGB IEC61966-2.1" }),
  AdobeRGB: rgbProfile(ADOBE_PRIMARIES, gammaCurve(563 / 256)),
  ProPhoto: rgbProfile(PROPHOTO_PRIMARIES, parametricCurve(3, [1.8, 1, 0, 1 / 16, 1 / 32])),
  "linear called sRGB": rgbProfile(SRGB_PRIMARIES, IDENTITY_CURVE, { name: "sRGB linear" }),
  linear: rgbProfile(SRGB_PRIMARIES, gammaCurve(1)),
  "gamma 1.8": rgbProfile(SRGB_PRIMARIES, gammaCurve(1.8), { name: "Generic RGB" }),
  "parametric 0": rgbProfile(SRGB_PRIMARIES, parametricCurve(0, [2.2]), { version: 4 }),
  "parametric 1": rgbProfile(SRGB_PRIMARIES, parametricCurve(1, [2, 0.9, 0.1]), { version: 4 }),
  "parametric 4": rgbProfile(SRGB_PRIMARIES, parametricCurve(4, [2.2, 0.95, 0.05, 0.2, 0.06, 0, 0]), { version: 4 }),
};
const GRAY_PROFILES: Record<string, Buffer> = {
  "gray gamma 1.0": grayProfile(IDENTITY_CURVE, { name: "sRGB gray" }),
  "gray gamma 2.2": grayProfile(gammaCurve(2.2)),
  "gray dot gain": grayProfile(tableCurve((x) => x ** 1.75)),
};
const COLOR_CHUNKS: Record<string, Chunk[]> = {
  "gAMA 1.0": [gammaChunk(1)],
  "gAMA 0.45455": [gammaChunk(0.45455)],
  "gAMA 0.55": [gammaChunk(0.55)],
  "gAMA and cHRM of sRGB": [gammaChunk(0.45455), chromaticityChunk(SRGB_PRIMARIES)],
  "gAMA and cHRM of AdobeRGB": [gammaChunk(0.45455), chromaticityChunk(ADOBE_PRIMARIES)],
  "cHRM of P3 alone": [chromaticityChunk(P3_PRIMARIES)],
  "gAMA 1.0 under sRGB": [SRGB_CHUNK, gammaChunk(1), chromaticityChunk(P3_PRIMARIES)],
  "gAMA 1.0 under a profile": [iccpChunk(PROFILES["P3 v4"] as Buffer), gammaChunk(1)],
  "cICP P3": [cicpChunk(12, 13)],
  "cICP over a profile": [cicpChunk(12, 13), iccpChunk(PROFILES.AdobeRGB as Buffer)],
  "cICP BT.2020, its curve": [cicpChunk(9, 14)],
  "cICP BT.709, its curve": [cicpChunk(1, 1)],
  "cICP linear": [cicpChunk(1, 8)],
  "cICP gamma 2.2": [cicpChunk(1, 4)],
  "cICP gamma 2.8": [cicpChunk(1, 5)],
  "cICP BT.601": [cicpChunk(6, 6)],
  "cICP XYZ": [cicpChunk(10, 13)],
  "cICP cinema": [cicpChunk(11, 17)],
  "cICP unspecified": [cicpChunk(2, 2)],
};

/** Orientation 6. */
const TURNED: Chunk = [
  "eXIf",
  Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]),
];

function withWrongChecksum(png: Buffer, type: string): Buffer {
  const at = png.indexOf(type);
  const last = at + 4 + png.readUInt32BE(at - 4) + 3;
  png.writeUInt8(png.readUInt8(last) ^ 0xff, last);
  return png;
}

function pngs(): PictureKind[] {
  const kinds: PictureKind[] = [];
  const add = (name: string, own: Samples, chunks: readonly Chunk[] = []) =>
    kinds.push({ name: `PNG, ${name}`, bytes: makePng(own, chunks) });
  for (const channels of [1, 2, 3, 4] as const) {
    for (const bitDepth of [8, 16] as const) add(`${channels} × ${bitDepth} bits`, samples(channels, bitDepth));
  }
  for (const [name, profile] of Object.entries(PROFILES)) {
    for (const bitDepth of [8, 16] as const)
      add(`${name}, ${bitDepth} bits`, samples(3, bitDepth), [iccpChunk(profile)]);
  }
  for (const [name, profile] of Object.entries(GRAY_PROFILES)) {
    for (const bitDepth of [8, 16] as const)
      add(`${name}, ${bitDepth} bits`, samples(1, bitDepth), [iccpChunk(profile)]);
  }
  for (const [name, chunks] of Object.entries(COLOR_CHUNKS)) add(name, samples(3), chunks);
  add("gAMA 1.0, 16 bits", samples(3, 16), [gammaChunk(1)]);
  add("gAMA 1.0, gray", samples(1), [gammaChunk(1)]);
  add("cICP P3, 16 bits and alpha", samples(4, 16), [cicpChunk(12, 13)]);
  add("P3 with alpha", samples(4), [iccpChunk(PROFILES["P3 v4"] as Buffer)]);
  add("gray with an RGB profile", samples(1), [iccpChunk(PROFILES["gamma 1.8"] as Buffer)]);
  add("RGB with a gray profile", samples(3), [iccpChunk(GRAY_PROFILES["gray gamma 1.0"] as Buffer)]);
  for (const [type, data] of [cicpChunk(12, 13), gammaChunk(1), TURNED, ["tRNS", Buffer.alloc(6)]] as Chunk[]) {
    kinds.push({
      name: `PNG, a wrong checksum of ${type}`,
      bytes: withWrongChecksum(makePng(samples(3), [[type, data]]), type),
    });
    if (type !== "tRNS") add(`nothing in ${type}`, samples(3), [[type, Buffer.alloc(0)]]);
  }
  add("turned by EXIF", samples(3), [TURNED]);
  add("cICP, video's range", samples(3), [cicpChunk(12, 13, 0)]);
  add("a broken profile", samples(3), [iccpChunk(Buffer.alloc(200, 7))]);
  for (const channels of [3, 4] as const) {
    const hidden: Samples = { ...samples(channels), values: Array(WIDTH * HEIGHT * channels).fill(99) };
    const frames = [...frameChunks(samples(channels), 0), ...frameChunks(hidden, 2)];
    kinds.push({
      name: `PNG, ${channels} channels, animated, with a picture that is no frame`,
      bytes: makePng(hidden, [animationChunk(2)], frames),
    });
  }
  return kinds;
}

async function lossy(): Promise<PictureKind[]> {
  const best = { quality: 100, chromaSubsampling: "4:4:4" };
  const p3 = image().withIccProfile("p3");
  const all: Record<string, Sharp> = {
    "JPEG, plain": image().jpeg(best),
    "JPEG, 4:2:0": image().jpeg(),
    "JPEG, P3": p3.clone().jpeg(best),
    "JPEG, gray": image(1).toColourspace("b-w").jpeg(best),
    "JPEG, turned by EXIF": image().withMetadata({ orientation: 6 }).jpeg(best),
    "JPEG, mirrored by EXIF": image().withMetadata({ orientation: 5 }).jpeg(best),
    "JPEG, progressive": image().jpeg({ ...best, progressive: true }),
    "JPEG, CMYK without a profile": image().toColourspace("cmyk").jpeg(best),
    "WebP, lossless": image(4).webp({ lossless: true }),
    "WebP, lossy": image().webp({ quality: 95 }),
    "WebP, turned by EXIF": image().withMetadata({ orientation: 6 }).webp({ quality: 95 }),
    "WebP, P3": p3.clone().webp({ lossless: true }),
    "AVIF, plain": image().avif({ quality: 95, effort: 1, chromaSubsampling: "4:4:4" }),
    "AVIF, 4:2:0 and 12 bits": image().avif({ quality: 95, effort: 1, bitdepth: 12 }),
    "WebP, lossy with alpha": image(4).webp({ quality: 95, alphaQuality: 100 }),
    "AVIF, 10 bits": image().avif({ quality: 95, effort: 1, bitdepth: 10, chromaSubsampling: "4:4:4" }),
    "AVIF, P3 by profile": p3.clone().avif({ quality: 95, effort: 1, chromaSubsampling: "4:4:4" }),
  };
  const kinds = Object.entries(all).map(async ([name, one]) => ({ name, bytes: await one.toBuffer() }));
  const plain = await (all["AVIF, plain"] as Sharp).clone().toBuffer();
  const own: Record<string, Buffer[]> = {
    "nclx of P3": [nclxBox(12, 13, 6)],
    "nclx of BT.2020": [nclxBox(9, 14, 6)],
    "nclx of BT.709": [nclxBox(1, 1, 6)],

    "nclx, gamma 2.2": [nclxBox(1, 4, 6)],
    "nclx, unspecified": [nclxBox(2, 2, 6)],
    "nclx of BT.601": [nclxBox(6, 6, 6)],
    turned: [irotBox(1)],
    mirrored: [imirBox(1)],
    "mirrored the other way": [imirBox(0)],
    "turned and mirrored": [irotBox(3), imirBox(0)],
    "cut out": [clapBox(30, 20, -9, -10)],
    "cut out and turned": [clapBox(30, 20, -9, -10), irotBox(1)],
  };
  return [
    ...(await Promise.all(kinds)),
    ...Object.entries(own).map(([name, added]) => ({ name: `AVIF, ${name}`, bytes: withProperties(plain, added) })),
  ];
}

/** RGB or gray of 8 or 16 bits, or floats, as one directory. */
export function directory(own: Samples, extra: Field[] = [], more: Partial<Directory> = {}): Directory {
  const { width, height, channels, bitDepth, values } = own;
  const strip = bitDepth === 8 ? Uint8Array.from(values) : new Uint8Array(Uint16Array.from(values).buffer);
  const photometric = channels < 3 ? 1 : 2;
  return { width, height, strip, bits: Array(channels).fill(bitDepth), photometric, extra, ...more };
}

function icc(profile: Buffer): Field {
  return [34_675, "bytes", [...profile]];
}

function tiffs(): PictureKind[] {
  const kinds: PictureKind[] = [];
  const add = (name: string, pages: Directory[], twin: Buffer) =>
    kinds.push({ name: `TIFF, ${name}`, bytes: makeTiff(pages), twin });
  for (const bitDepth of [8, 16] as const) {
    for (const channels of [1, 3] as const) {
      const own = samples(channels, bitDepth);
      add(`${channels} × ${bitDepth} bits`, [directory(own)], makePng(own));
    }
    for (const name of ["P3 v4", "AdobeRGB", "linear called sRGB"] as const) {
      const profile = PROFILES[name] as Buffer;
      const own = samples(3, bitDepth);
      add(`${name}, ${bitDepth} bits`, [directory(own, [icc(profile)])], makePng(own, [iccpChunk(profile)]));
    }
    const gray = GRAY_PROFILES["gray gamma 1.0"] as Buffer;
    const own = samples(1, bitDepth);
    add(`gray profile, ${bitDepth} bits`, [directory(own, [icc(gray)])], makePng(own, [iccpChunk(gray)]));
  }
  const rgba = samples(4);
  const rgb = samples(3);
  add("alpha", [directory(rgba, [[338, "short", [2]]])], makePng(rgba));
  add("associated alpha", [directory(premultiplied(rgba), [[338, "short", [1]]])], makePng(rgba));
  add("a saved selection", [directory(rgba, [[338, "short", [0]]])], makePng(rgb));
  add("two selections", [fiveChannels([0, 0])], makePng(rgb));
  add("a selection, then alpha", [fiveChannels([0, 2])], makePng(rgba));
  add("white is zero", [inverted()], makePng(samples(1)));
  add("floats, gray", [floats(1)], makePng(samples(1, 16)));
  add("floats, RGB", [floats(3)], makePng(samples(3, 16)));
  add("a preview first", [preview(), directory(rgb, [[254, "long", [0]]])], makePng(rgb));
  add("a preview below", [directory(rgb, [], { subDirectories: [preview()] })], makePng(rgb));
  return kinds;
}

function premultiplied(own: Samples): Samples {
  const alphaOf = (i: number) => (own.values[i - (i % 4) + 3] as number) / 255;
  return { ...own, values: own.values.map((value, i) => (i % 4 === 3 ? value : Math.round(value * alphaOf(i)))) };
}

/** RGB, a constant, alpha. */
function fiveChannels(kinds: number[]): Directory {
  const { values, ...rest } = samples(4);
  const spread: number[] = [];
  for (let i = 0; i < values.length; i += 4) {
    spread.push(...values.slice(i, i + 3), 17, values[i + 3] as number);
  }
  return {
    width: rest.width,
    height: rest.height,
    strip: Uint8Array.from(spread),
    bits: Array(5).fill(8),
    photometric: 2,
    extra: [[338, "short", kinds]],
  };
}

function inverted(): Directory {
  const own = directory(samples(1));
  return { ...own, photometric: 0, strip: own.strip.map((value) => 255 - value) };
}

function floats(channels: 1 | 3): Directory {
  const own = samples(channels, 16);
  const strip = new Uint8Array(Float32Array.from(own.values, (value) => value / 65_535).buffer);
  const formats: Field = [339, "short", Array(channels).fill(3)];
  return directory(own, [formats], { strip, bits: Array(channels).fill(32) });
}

function preview(): Directory {
  const own: Samples = { width: 4, height: 4, channels: 3, bitDepth: 8, values: Array(48).fill(9) };
  return directory(own, [[254, "long", [1]]]);
}

/** Files from the field, small, made for this project; what is refused has tests of its own. */
function cases(): PictureKind[] {
  return readdirSync(CASES)
    .filter((name) => /\.(?:png|jpg|avif)$/.test(name))
    .map((name) => ({ name, bytes: readFileSync(join(CASES, name)) }));
}

export async function makePictureKinds(): Promise<PictureKind[]> {
  return [...pngs(), ...(await lossy()), ...tiffs(), ...cases()];
}

export interface CutOffPicture {
  name: string;
  bytes: Buffer;
  /** That is missing; empty where details are. */
  edge: string;
}

/** @param share of the file that is there; where absent, several */
export async function cutOffPictures(share?: number): Promise<CutOffPicture[]> {
  const [width, height] = [120, 96];
  const values = Uint8Array.from({ length: width * height * 3 }, (_, i) => ((i * i * 31 + i * 7) % 65_521) % 256);
  const noisy = sharp(values, { raw: { width, height, channels: 3 } });
  const best = { quality: 90, chromaSubsampling: "4:4:4" };
  const files: [string, Sharp, string][] = [
    ["JPEG", noisy.clone().jpeg(best), "lower"],
    ["JPEG, turned by EXIF", noisy.clone().withMetadata({ orientation: 6 }).jpeg(best), "left"],
    ["JPEG, progressive", noisy.clone().jpeg({ ...best, progressive: true }), ""],
    ["PNG", noisy.clone().png(), "lower"],
    ["PNG of 16 bits", noisy.clone().toColourspace("rgb16").png(), "lower"],
  ];
  const cut: CutOffPicture[] = [];
  for (const [name, image, edge] of files) {
    const bytes = await image.toBuffer();
    for (const each of share === undefined ? [0.7, 0.95] : [share]) {
      const end = Math.round(each * bytes.length);
      cut.push({ name: `${name}, ${100 * each} %`, bytes: bytes.subarray(0, end), edge });
    }
  }
  return cut;
}
