// Interleaved samples as decoders give them: channels picked, shrunk, and spread into planes.

import type { Sharp } from "sharp";
import type { Picture } from "../protocol/engine.ts";
import { sharp } from "./codec.ts";

/** RGB, or RGB and alpha. */
export interface Samples {
  width: number;
  height: number;
  channels: 3 | 4;
  data: Uint8Array | Uint16Array;
}

/** The long side to shrink to, px; undefined leaves the size. */
export type TargetSide = number | undefined;

/** What sharp leaves at the end of a pipeline. Throws where the channels are other than expected. */
export async function takeSamples(image: Sharp, bitDepth: 8 | 16): Promise<Samples> {
  const output =
    bitDepth === 8 ? image.toColourspace("srgb").raw() : image.toColourspace("rgb16").raw({ depth: "ushort" });
  const { data, info } = await output.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) throw new Error(`expected 3 or 4 channels but received ${channels}`);
  const samples = bitDepth === 8 ? data : asSixteen(data);
  if (samples.length !== width * height * channels) {
    throw new Error(`expected ${width * height * channels} samples, got ${samples.length}`);
  }
  return { width, height, channels, data: samples };
}

export async function shrinkSamples(samples: Samples, side: TargetSide): Promise<Samples> {
  if (side === undefined || Math.max(samples.width, samples.height) <= side) return samples;
  const { width, height, channels, data } = samples;
  const image = sharp(data, { raw: { width, height, channels } });
  return await takeSamples(shrink(image, side), data instanceof Uint8Array ? 8 : 16);
}

export function shrink(image: Sharp, side: TargetSide): Sharp {
  if (side === undefined) return image;
  return image.resize({ width: side, height: side, fit: "inside", withoutEnlargement: true });
}

/** Planar [channels, height, width] floats in 0 … 1 (copies). */
export function toPlanar({ width, height, channels, data }: Samples): Picture {
  const plane = width * height;
  const scale = data instanceof Uint8Array ? 255 : 65_535;
  const planar = new Float32Array(plane * channels);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < plane; i++) planar[channel * plane + i] = (data[i * channels + channel] ?? 0) / scale;
  }
  return { width, height, channels, data: planar };
}

export function asSixteen(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
}

export function asFloats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}
