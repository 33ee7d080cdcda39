// Entry of the HEIC decoder's thread, dist/heic-decoder.js: libheif and libde265 in WebAssembly, 2 MB of code, on the one
// file that it was started with. A thread of its own, because decoding cannot be interrupted, takes seconds for a photo,
// and talks on stdout, which belongs to results.

/// <reference path="./pictures/libheif-js.d.ts" />

import { parentPort, workerData } from "node:worker_threads";
import libheif, { type HeifImage } from "libheif-js/wasm-bundle.js";
import type { HeicAnswer, HeicOrder } from "./pictures/heic-thread.ts";
import { checkSize } from "./pictures/read-header.ts";
import type { Samples } from "./pictures/samples.ts";
import { ImpastoError } from "./protocol/errors.ts";

async function decode({ bytes, name }: HeicOrder): Promise<HeicAnswer> {
  await libheif.ready;
  const decoder = new libheif.HeifDecoder();
  const images = decoder.decode(bytes);
  const image = images.find((each) => each.is_primary()) ?? images[0];
  if (image === undefined) throw new Error("libheif finds no picture in the file");
  checkSize({ width: image.get_width(), height: image.get_height() }, name);
  return { kind: "decoded", samples: await take(image), pages: images.length };
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

function toAnswer(error: unknown): HeicAnswer {
  if (error instanceof ImpastoError) return { kind: "refused", error: error.toBody() };
  return { kind: "failed", words: error instanceof Error ? error.message : String(error) };
}

const answer = await decode(workerData as HeicOrder).catch(toAnswer);
parentPort?.postMessage(answer, answer.kind === "decoded" ? [answer.samples.data.buffer as ArrayBuffer] : []);
