// HEIC, what iPhones write, decoded by libheif-js: libheif and libde265 in WebAssembly, with 8 bits a channel. Turning and
// cutting out is libheif's; the meaning of the colors is in the boxes.

/// <reference path="./libheif-js.d.ts" />

import type { HeifImage } from "libheif-js/wasm-bundle.js";
import { colorMeaning } from "./color/color-meaning.ts";
import type { PictureHeader } from "./headers/header.ts";
import type { OpenedPicture } from "./opened-picture.ts";
import { checkSize } from "./read-header.ts";
import { type Samples, shrinkSamples } from "./samples.ts";

export async function openHeic(bytes: Uint8Array, name: string, header: PictureHeader): Promise<OpenedPicture> {
  const { samples, pages } = await decodeHeic(bytes, name);
  const [start, end] = header.profileAt ?? [0, 0];
  const meaning = colorMeaning(bytes, header, end > start ? bytes.subarray(start, end) : undefined, 3);
  return {
    sourceWidth: samples.width,
    sourceHeight: samples.height,
    bitDepth: 8,
    density: null,
    pages,
    meaning,
    isConverted: false,
    read: (side) => shrinkSamples(samples, side),
  };
}

async function decodeHeic(bytes: Uint8Array, name: string): Promise<{ samples: Samples; pages: number }> {
  // 2 MB of code, for this format alone.
  const { default: libheif } = await import("libheif-js/wasm-bundle.js");
  await libheif.ready;
  const loud = console.log;
  // It tells its troubles on stdout, which belongs to results.
  console.log = () => undefined;
  const decoder = new libheif.HeifDecoder();
  const images = decoder.decode(bytes);
  try {
    const image = images.find((each) => each.is_primary()) ?? images[0];
    if (image === undefined) throw new Error("libheif finds no picture in the file");
    checkSize({ width: image.get_width(), height: image.get_height() }, name);
    return { samples: await take(image), pages: images.length };
  } finally {
    console.log = loud;
    for (const image of images) image.free();
    decoder.decoder?.delete();
  }
}

async function take(image: HeifImage): Promise<Samples> {
  const [width, height] = [image.get_width(), image.get_height()];
  const target = { data: new Uint8ClampedArray(width * height * 4), width, height };
  const filled = await new Promise<{ data: Uint8ClampedArray } | null>((settle) => {
    image.display(target, settle);
  });
  if (filled === null) throw new Error("libheif could not decode the picture");
  const rgba = new Uint8Array(filled.data.buffer, filled.data.byteOffset, filled.data.length);
  if (image.has_alpha_channel()) return { width, height, channels: 4, data: rgba };
  const data = new Uint8Array(width * height * 3);
  for (let i = 0, at = 0; i < rgba.length; i += 4) {
    for (let c = 0; c < 3; c++) data[at++] = rgba[i + c] as number;
  }
  return { width, height, channels: 3, data };
}
