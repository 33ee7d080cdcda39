// Small well-formed pictures of every kind that the decoders know, as seeds of malformed ones.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";

/** What an encoder that is not at hand has made. */
const PHOTO = join(import.meta.dirname, "../../companion/pictures/kinds/cases/p3.heic");
const WIDTH = 40;
const HEIGHT = 33;

function pixels(channels: 1 | 3 | 4): Sharp {
  const samples = Uint8Array.from({ length: WIDTH * HEIGHT * channels }, (_, i) => (i * 31 + (i >> 5) * 7) & 255);
  return sharp(samples, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

function deepPixels(): Sharp {
  const samples = Uint16Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => (i * 7919) & 65_535);
  return sharp(samples, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).toColourspace("rgb16");
}

function frames(): Sharp {
  const samples = Uint8Array.from({ length: WIDTH * HEIGHT * 3 * 2 }, (_, i) => (i * i) & 255);
  return sharp(samples, { raw: { width: WIDTH, height: HEIGHT * 2, channels: 3, pageHeight: HEIGHT } });
}

/** Name → bytes. */
export async function makeCorpus(): Promise<Map<string, Buffer>> {
  const images: Record<string, Sharp> = {
    "plain.png": pixels(3).png(),
    "alpha.png": pixels(4).withIccProfile("p3").png(),
    "palette.png": pixels(3).png({ palette: true }),
    "interlaced.png": pixels(3).png({ progressive: true }),
    "gray.png": pixels(1).toColourspace("b-w").png(),
    "deep.png": deepPixels().png(),
    "plain.jpg": pixels(3).withMetadata({ orientation: 6 }).jpeg(),
    "progressive.jpg": pixels(3).withIccProfile("srgb").jpeg({ progressive: true }),
    "cmyk.jpg": pixels(3).toColourspace("cmyk").jpeg(),
    "gray.jpg": pixels(1).toColourspace("b-w").jpeg(),
    "lossy.webp": pixels(3).webp(),
    "lossless.webp": pixels(4).webp({ lossless: true }),
    "alpha.webp": pixels(4).withIccProfile("p3").webp(),
    "moving.webp": frames().webp({ loop: 0, delay: [50, 50] }),
    "plain.avif": pixels(3).avif({ effort: 0 }),
    "alpha.avif": pixels(4).avif({ effort: 0 }),
    "ten.avif": pixels(3).avif({ effort: 0, bitdepth: 10 }),
    "plain.tif": pixels(3).tiff({ compression: "none" }),
    "lzw.tif": pixels(4).tiff({ compression: "lzw", predictor: "horizontal" }),
    "deflate.tif": deepPixels().tiff({ compression: "deflate" }),
    "jpeg.tif": pixels(3).tiff({ compression: "jpeg" }),
    "tiled.tif": pixels(3).tiff({ compression: "packbits", tile: true, tileWidth: 16, tileHeight: 16 }),
    "big.tif": pixels(3).tiff({ compression: "deflate", bigtiff: true }),
    "pyramid.tif": pixels(3).tiff({ compression: "deflate", pyramid: true, tile: true }),
  };
  const photo = ["photo.heic", readFileSync(PHOTO)] as const;
  const entries = Object.entries(images).map(async ([name, image]) => [name, await image.toBuffer()] as const);
  return new Map([...(await Promise.all(entries)), photo]);
}
