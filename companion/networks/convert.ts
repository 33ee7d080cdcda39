// Turns the published VGG19 weights into our file format, so that every network takes RGB in 0 … 1.
//
// Keras: x = 255·BGR − (103.939, 116.779, 123.68), kernels [height, width, in, out]. Zero padding happens after this
// normalization, where 0 stands for the mean color; so the mean must stay a subtraction before the padding (metadata
// `mean`), and only what is linear moves into conv1_1's filters: the channel order and the factor 255 (`std` is 1).
// torchvision: x = (RGB − mean) / std and kernels [out, in, height, width], which is our form already.

import { CONVOLUTIONS, chainConvolutions, type NetworkFile } from "./network-file.ts";
import { badFile, type Precision, type Tensor } from "./safetensors.ts";

export interface ConvertOptions {
  name: string;
  source: string;
  license: string;
  /** How many of the 16 convolutions are kept. */
  depth: number;
  precision: Precision;
}

/** Convolutions conv1_1 … conv5_1: what style transfer uses, and what is kept unless --full is given. */
export const DEFAULT_DEPTH = CONVOLUTIONS.indexOf("conv5_1") + 1;

/** BGR means of Keras' and Caffe's VGG19, for pixels in 0 … 255. */
const KERAS_MEANS_BGR = [103.939, 116.779, 123.68] as const;

/**
 * `layers`: the source's convolutions in order, kernel [3, 3, in, out], bias [out].
 * Throws ImpastoError("bad-network") when shapes do not fit.
 */
export function convertKeras(
  layers: readonly { kernel: Tensor; bias: Tensor }[],
  options: ConvertOptions,
): NetworkFile {
  requireDepth(layers.length, options.depth);
  const parts = layers.slice(0, options.depth).map(({ kernel, bias }, index) => {
    const name = CONVOLUTIONS[index] as string;
    const weight = transposeKernel(name, kernel);
    return { name, weight: index === 0 ? foldBgr255(weight) : weight, bias };
  });
  const [blue, green, red] = KERAS_MEANS_BGR;
  return {
    name: options.name,
    mean: [red / 255, green / 255, blue / 255],
    std: [1, 1, 1],
    metadata: { source: options.source, license: options.license, pooling: "max", padding: "zero" },
    precision: options.precision,
    convolutions: chainConvolutions(parts),
  };
}

/** [3, 3, in, out] → [out, in, 3, 3], a copy. */
function transposeKernel(name: string, kernel: Tensor): Tensor {
  const [height, width, inChannels = 0, outChannels = 0] = kernel.shape;
  if (kernel.shape.length !== 4 || height !== 3 || width !== 3) {
    throw badFile(`the kernel of ${name} has shape ${kernel.shape.join("×")}, where 3×3×in×out is expected`);
  }
  const values = new Float32Array(kernel.values.length);
  for (let tap = 0; tap < 9; tap++) {
    for (let i = 0; i < inChannels; i++) {
      const row = (tap * inChannels + i) * outChannels;
      for (let o = 0; o < outChannels; o++) values[(o * inChannels + i) * 9 + tap] = kernel.values[row + o] as number;
    }
  }
  return { shape: [outChannels, inChannels, 3, 3], values };
}

/** Filters for BGR in 0 … 255 → filters for RGB in 0 … 1. weight: [out, 3, 3, 3]. */
function foldBgr255(weight: Tensor): Tensor {
  const values = new Float32Array(weight.values.length);
  const outChannels = weight.shape[0] ?? 0;
  if (weight.shape[1] !== 3) throw badFile(`conv1_1 takes ${weight.shape[1]} channels, where 3 are expected`);
  for (let o = 0; o < outChannels; o++) {
    for (let channel = 0; channel < 3; channel++) {
      for (let tap = 0; tap < 9; tap++) {
        values[(o * 3 + channel) * 9 + tap] = 255 * (weight.values[(o * 3 + 2 - channel) * 9 + tap] as number);
      }
    }
  }
  return { shape: weight.shape, values };
}

/** torchvision's `features` is numbered over convolutions, ReLUs and pools: features.0 is conv1_1, features.2 conv1_2, features.5 conv2_1 … */
export function torchvisionIndex(convolution: string): number {
  const index = CONVOLUTIONS.indexOf(convolution);
  const poolsBefore = Number(convolution.charAt("conv".length)) - 1;
  return 2 * index + poolsBefore;
}

/** Names of the tensors that `depth` convolutions need in torchvision's file. */
export function torchvisionTensors(depth: number): string[] {
  return CONVOLUTIONS.slice(0, depth).flatMap((name) => {
    const stem = `features.${torchvisionIndex(name)}`;
    return [`${stem}.weight`, `${stem}.bias`];
  });
}

/** `tensors`: at least torchvisionTensors(depth). Throws ImpastoError("bad-network") when one is missing or does not fit. */
export function convertTorchvision(tensors: ReadonlyMap<string, Tensor>, options: ConvertOptions): NetworkFile {
  const take = (name: string): Tensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw badFile(`${name} is missing`);
    return tensor;
  };
  const parts = CONVOLUTIONS.slice(0, options.depth).map((name) => {
    const stem = `features.${torchvisionIndex(name)}`;
    return { name, weight: take(`${stem}.weight`), bias: take(`${stem}.bias`) };
  });
  return {
    name: options.name,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    metadata: { source: options.source, license: options.license, pooling: "max", padding: "zero" },
    precision: options.precision,
    convolutions: chainConvolutions(parts),
  };
}

function requireDepth(got: number, wanted: number): void {
  if (got < wanted) throw badFile(`it has ${got} convolutions, where ${wanted} are expected`);
}
