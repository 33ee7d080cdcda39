// Features straight from a source's own layout and preprocessing, written as plainly as possible and sharing no code
// with the conversion: Keras (NHWC, HWIO, BGR 0-255 minus means) and torchvision (NCHW, OIHW, ImageNet mean and std).

import type { Tensor } from "../../../companion/networks/safetensors.ts";
import type { KerasLayer } from "./synthetic.ts";

interface Image {
  height: number;
  width: number;
  data: Float32Array;
}

/** Indices of the convolutions before a pool, by how many there are. */
const POOL_AFTER = (count: number) => new Set(count === 13 ? [1, 3, 6, 9] : [1, 3, 7, 11]);

/** Each layer's features [C, h, w] after its ReLU, in float64. `image`: [3, H, W], RGB 0 … 1. */
export function kerasFeatures(layers: readonly KerasLayer[], image: Image): Float64Array[] {
  const { height, width } = image;
  const plane = height * width;
  const nhwc = new Float64Array(plane * 3);
  const means = [103.939, 116.779, 123.68];
  for (let p = 0; p < plane; p++) {
    const red = (image.data[p] as number) * 255;
    const green = (image.data[plane + p] as number) * 255;
    const blue = (image.data[2 * plane + p] as number) * 255;
    [blue, green, red].forEach((value, channel) => {
      nhwc[p * 3 + channel] = value - (means[channel] as number);
    });
  }
  const at = ({ kernel }: KerasLayer, o: number, i: number, tap: number) =>
    kernel.values[(tap * (kernel.shape[2] as number) + i) * (kernel.shape[3] as number) + o] as number;
  return run(
    nhwc,
    height,
    width,
    3,
    layers.map((layer) => ({ bias: layer.bias.values, weight: at.bind(null, layer) })),
  );
}

/** `convolutions`: features.N.weight [out, in, 3, 3] and bias, in order. */
export function torchvisionFeatures(
  convolutions: readonly { weight: Tensor; bias: Tensor }[],
  image: Image,
): Float64Array[] {
  const plane = image.height * image.width;
  const nhwc = new Float64Array(plane * 3);
  const means = [0.485, 0.456, 0.406];
  const deviations = [0.229, 0.224, 0.225];
  for (let channel = 0; channel < 3; channel++) {
    for (let p = 0; p < plane; p++) {
      const value = image.data[channel * plane + p] as number;
      nhwc[p * 3 + channel] = (value - (means[channel] as number)) / (deviations[channel] as number);
    }
  }
  const layers = convolutions.map(({ weight, bias }) => {
    const inChannels = weight.shape[1] as number;
    const at = (o: number, i: number, tap: number) => weight.values[(o * inChannels + i) * 9 + tap] as number;
    return { bias: bias.values, weight: at };
  });
  return run(nhwc, image.height, image.width, 3, layers);
}

interface Layer {
  bias: Float32Array;
  weight: (o: number, i: number, tap: number) => number;
}

function run(input: Float64Array, h: number, w: number, c: number, layers: readonly Layer[]): Float64Array[] {
  const all: Float64Array[] = [];
  let [features, height, width, channels] = [input, h, w, c];
  layers.forEach((layer, index) => {
    features = convolve(features, height, width, channels, layer);
    channels = layer.bias.length;
    all.push(toPlanar(features, height * width, channels));
    if (!POOL_AFTER(layers.length).has(index)) return;
    features = maxPool(features, height, width, channels);
    height >>= 1;
    width >>= 1;
  });
  return all;
}

function convolve(input: Float64Array, height: number, width: number, inChannels: number, layer: Layer): Float64Array {
  const outChannels = layer.bias.length;
  const output = new Float64Array(height * width * outChannels);
  for (let o = 0; o < outChannels; o++) {
    for (let p = 0; p < height * width; p++) output[p * outChannels + o] = layer.bias[o] as number;
    for (let i = 0; i < inChannels; i++) {
      for (let tap = 0; tap < 9; tap++) {
        const [dy, dx] = [Math.floor(tap / 3) - 1, (tap % 3) - 1];
        const weight = layer.weight(o, i, tap);
        for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
          for (let x = Math.max(0, -dx); x < Math.min(width, width - dx); x++) {
            const at = (y * width + x) * outChannels + o;
            output[at] =
              (output[at] as number) + weight * (input[((y + dy) * width + x + dx) * inChannels + i] as number);
          }
        }
      }
    }
  }
  return output.map((value) => Math.max(0, value));
}

function maxPool(input: Float64Array, height: number, width: number, channels: number): Float64Array {
  const [h, w] = [height >> 1, width >> 1];
  const output = new Float64Array(h * w * channels).fill(Number.NEGATIVE_INFINITY);
  for (let y = 0; y < 2 * h; y++) {
    for (let x = 0; x < 2 * w; x++) {
      for (let channel = 0; channel < channels; channel++) {
        const at = ((y >> 1) * w + (x >> 1)) * channels + channel;
        output[at] = Math.max(output[at] as number, input[(y * width + x) * channels + channel] as number);
      }
    }
  }
  return output;
}

function toPlanar(nhwc: Float64Array, plane: number, channels: number): Float64Array {
  const planar = new Float64Array(nhwc.length);
  for (let p = 0; p < plane; p++) {
    for (let channel = 0; channel < channels; channel++) {
      planar[channel * plane + p] = nhwc[p * channels + channel] as number;
    }
  }
  return planar;
}

/** ‖a − b‖ / ‖b‖; NaN when anything is NaN. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += ((a[i] as number) - (b[i] as number)) ** 2;
    norm += (b[i] as number) ** 2;
  }
  return Math.sqrt(difference / norm);
}
