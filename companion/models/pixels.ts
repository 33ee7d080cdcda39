// Pixels as a network wants them, and back: layout, order of the channels, range, mean and deviation.

import type { PictureInput, PictureOutput } from "../protocol/models.ts";
import type { Feed, Output } from "./model-messages.ts";

/** Planar [3, height, width], sRGB in 0 … 1. */
export interface Planes {
  width: number;
  height: number;
  data: Float32Array;
}

type Pixels = PictureInput | PictureOutput;

export function toFeed(pixels: Pixels, picture: Planes): Feed {
  const { width, height, data } = picture;
  const plane = width * height;
  const shape = pixels.layout === "nchw" ? [1, 3, height, width] : [1, height, width, 3];
  const out = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const { gain, offset } = scaleOf(pixels, channel);
    const from = sourceOf(pixels, channel) * plane;
    const { start, step } = placeOf(pixels, channel, plane);
    for (let i = 0; i < plane; i++) out[start + i * step] = (data[from + i] as number) * gain + offset;
  }
  return { name: pixels.tensor, shape, data: out };
}

/** Not clipped. Null when the output has another size. */
export function fromOutput(pixels: Pixels, output: Output, width: number, height: number): Planes | null {
  const plane = width * height;
  const wanted = pixels.layout === "nchw" ? [3, height, width] : [height, width, 3];
  const shape = output.shape.length === 4 && output.shape[0] === 1 ? output.shape.slice(1) : output.shape;
  if (shape.join() !== wanted.join()) return null;
  const data = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const { gain, offset } = scaleOf(pixels, channel);
    const to = sourceOf(pixels, channel) * plane;
    const { start, step } = placeOf(pixels, channel, plane);
    for (let i = 0; i < plane; i++) data[to + i] = ((output.data[start + i * step] as number) - offset) / gain;
  }
  return { width, height, data };
}

/** x = gain · pixel + offset. */
function scaleOf({ range, mean, std }: Pixels, channel: number): { gain: number; offset: number } {
  const [low = 0, high = 1] = range;
  const deviation = std[channel] ?? 1;
  return { gain: (high - low) / deviation, offset: (low - (mean[channel] ?? 0)) / deviation };
}

/** Which of red, green and blue stands in the network's channel. */
function sourceOf({ order }: Pixels, channel: number): number {
  return order === "rgb" ? channel : 2 - channel;
}

function placeOf({ layout }: Pixels, channel: number, plane: number): { start: number; step: number } {
  return layout === "nchw" ? { start: channel * plane, step: 1 } : { start: channel, step: 3 };
}
