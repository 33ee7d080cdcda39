// HEIC, what iPhones write, decoded by libheif-js: libheif and libde265 in WebAssembly, with 8 bits a channel. Turning and
// cutting out is libheif's; the meaning of the colors is in the boxes.

import { colorMeaning } from "./color/color-meaning.ts";
import type { PictureHeader } from "./headers/header.ts";
import { decodeInThread } from "./heic-thread.ts";
import type { OpenedPicture } from "./opened-picture.ts";
import { shrinkSamples } from "./samples.ts";

export async function openHeic(bytes: Uint8Array, name: string, header: PictureHeader): Promise<OpenedPicture> {
  const { samples, pages } = await decodeInThread({ bytes, name });
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
