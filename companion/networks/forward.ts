// VGG19's forward pass in plain typed arrays: for measuring activations (normalize) and for checking a conversion where
// no addon is built. A few GFLOP/s; the engine proper is native/.

import type { Convolution, NetworkFile } from "./network-file.ts";

/** Planar feature map [channels, height, width]. */
export interface FeatureMap {
  channels: number;
  height: number;
  width: number;
  data: Float32Array;
}

export interface ForwardOptions {
  pooling: "avg" | "max";
  padding: "zero" | "reflect";
}

/**
 * Yields each layer's map after its ReLU: ["relu1_1", features] …; not to be changed, it is the next layer's input.
 * `image`: [3, H, W], RGB in 0 … 1. Ends early where a map becomes smaller than one pool.
 */
export function* forwardLayers(
  network: NetworkFile,
  image: FeatureMap,
  { pooling, padding }: ForwardOptions,
): Generator<[layer: string, features: FeatureMap]> {
  let features = normalizeImage(network, image);
  let block = "1";
  for (const convolution of network.convolutions) {
    const ofBlock = convolution.name.charAt("conv".length);
    if (ofBlock !== block) {
      if (features.height < 2 || features.width < 2) return;
      features = pool2x2(features, pooling);
      block = ofBlock;
    }
    features = convolveRelu(convolution, features, padding);
    yield [convolution.name.replace("conv", "relu"), features];
  }
}

/** What the file's own metadata says; a network that says nothing is VGG's: max pooling, zero padding. */
export function forwardOptionsOf({ metadata }: NetworkFile): ForwardOptions {
  return {
    pooling: metadata.pooling === "avg" ? "avg" : "max",
    padding: metadata.padding === "reflect" ? "reflect" : "zero",
  };
}

function normalizeImage({ mean, std }: NetworkFile, image: FeatureMap): FeatureMap {
  const plane = image.height * image.width;
  const data = new Float32Array(image.data.length);
  for (let channel = 0; channel < 3; channel++) {
    const offset = mean[channel] as number;
    const scale = 1 / (std[channel] as number);
    for (let i = channel * plane; i < (channel + 1) * plane; i++)
      data[i] = ((image.data[i] as number) - offset) * scale;
  }
  return { ...image, data };
}

/**
 * 3×3 convolution, plus bias, then ReLU. Rows of the padded input are gathered into [in·9, width]
 * (im2col of one row); four output channels are accumulated over it at a time.
 */
function convolveRelu(
  { inChannels, outChannels, weight, bias }: Convolution,
  input: FeatureMap,
  padding: ForwardOptions["padding"],
): FeatureMap {
  const { height, width } = input;
  const depth = inChannels * 9;
  const columns = new Float32Array(depth * width);
  const output = new Float32Array(outChannels * height * width);
  for (let y = 0; y < height; y++) {
    gatherRow(input, y, padding, columns);
    for (let o = 0; o < outChannels; o += 4) {
      const count = Math.min(4, outChannels - o);
      const start = (o * height + y) * width;
      if (count === 4) multiplyFour(weight, o * depth, depth, columns, width, output, start, height * width);
      else
        for (let i = 0; i < count; i++)
          multiplyOne(weight, (o + i) * depth, depth, columns, width, output, start + i * height * width);
      for (let i = 0; i < count; i++) addBiasRelu(output, start + i * height * width, width, bias[o + i] as number);
    }
  }
  return { channels: outChannels, height, width, data: output };
}

/** columns[(channel·9 + tap), x] = input[channel, y + dy, x + dx]; outside stands zero, or what a mirror shows. */
function gatherRow(
  { channels, height, width, data }: FeatureMap,
  y: number,
  padding: ForwardOptions["padding"],
  columns: Float32Array,
): void {
  const mirror = padding === "reflect" && height > 1 && width > 1;
  let row = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let dy = -1; dy <= 1; dy++) {
      const outside = y + dy < 0 || y + dy >= height;
      const source = (channel * height + (outside && mirror ? y - dy : y + dy)) * width;
      for (let dx = -1; dx <= 1; dx++, row += width) {
        if (outside && !mirror) columns.fill(0, row, row + width);
        else if (dx === 0) columns.set(data.subarray(source, source + width), row);
        else if (dx < 0) {
          columns[row] = mirror ? (data[source + 1] as number) : 0;
          columns.set(data.subarray(source, source + width - 1), row + 1);
        } else {
          columns.set(data.subarray(source + 1, source + width), row);
          columns[row + width - 1] = mirror ? (data[source + width - 2] as number) : 0;
        }
      }
    }
  }
}

/** output[four rows, x] = Σ_k weight[four rows, k] · columns[k, x], summed in float64. */
function multiplyFour(
  weight: Float32Array,
  first: number,
  depth: number,
  columns: Float32Array,
  width: number,
  output: Float32Array,
  start: number,
  plane: number,
): void {
  const sums = new Float64Array(4 * width);
  for (let k = 0; k < depth; k++) {
    const a = weight[first + k] as number;
    const b = weight[first + depth + k] as number;
    const c = weight[first + 2 * depth + k] as number;
    const d = weight[first + 3 * depth + k] as number;
    const row = k * width;
    for (let x = 0; x < width; x++) {
      const value = columns[row + x] as number;
      sums[x] = (sums[x] as number) + a * value;
      sums[width + x] = (sums[width + x] as number) + b * value;
      sums[2 * width + x] = (sums[2 * width + x] as number) + c * value;
      sums[3 * width + x] = (sums[3 * width + x] as number) + d * value;
    }
  }
  for (let i = 0; i < 4; i++) output.set(sums.subarray(i * width, (i + 1) * width), start + i * plane);
}

function multiplyOne(
  weight: Float32Array,
  first: number,
  depth: number,
  columns: Float32Array,
  width: number,
  output: Float32Array,
  start: number,
): void {
  const sums = new Float64Array(width);
  for (let k = 0; k < depth; k++) {
    const a = weight[first + k] as number;
    for (let x = 0; x < width; x++) sums[x] = (sums[x] as number) + a * (columns[k * width + x] as number);
  }
  output.set(sums, start);
}

function addBiasRelu(output: Float32Array, start: number, width: number, bias: number): void {
  for (let i = start; i < start + width; i++) output[i] = Math.max(0, (output[i] as number) + bias);
}

/** Stride 2, floor: an odd last row or column is dropped. */
function pool2x2({ channels, height, width, data }: FeatureMap, pooling: "avg" | "max"): FeatureMap {
  const h = height >> 1;
  const w = width >> 1;
  const output = new Float32Array(channels * h * w);
  for (let channel = 0, at = 0; channel < channels; channel++) {
    for (let y = 0; y < h; y++) {
      let i = (channel * height + 2 * y) * width;
      for (let x = 0; x < w; x++, i += 2, at++) {
        const [a, b, c, d] = [data[i], data[i + 1], data[i + width], data[i + width + 1]] as [
          number,
          number,
          number,
          number,
        ];
        output[at] = pooling === "avg" ? (a + b + c + d) / 4 : Math.max(a, b, c, d);
      }
    }
  }
  return { channels, height: h, width: w, data: output };
}
