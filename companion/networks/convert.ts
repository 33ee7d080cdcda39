// Turns the published weights of VGG16 and VGG19 into our file format, so that every network takes RGB in 0 … 1.
//
// Keras: x = 255·BGR − (103.939, 116.779, 123.68), kernels [height, width, in, out]. Zero padding happens after this
// normalization, where 0 stands for the mean color; so the mean must stay a subtraction before the padding (metadata
// `mean`), and only what is linear moves into conv1_1's filters: the channel order and the factor 255 (`std` is 1).
// torchvision: x = (RGB − mean) / std and kernels [out, in, height, width], which is our form already.

import { type Topology, topologyOf } from "../protocol/layers.ts";
import { chainConvolutions, convolutionsOf, type NetworkFile } from "./network-file.ts";
import { badFile, type Precision, type Tensor } from "./safetensors.ts";

export interface ConvertOptions {
  name: string;
  source: string;
  license: string;
  /** Keeps every convolution; else what style transfer uses, conv1_1 … conv5_1. */
  full: boolean;
  precision: Precision;
}

/** What is kept of a network. */
export function keptConvolutions(topology: Topology, full: boolean): string[] {
  const all = convolutionsOf(topology);
  return full ? all : all.slice(0, all.indexOf("conv5_1") + 1);
}

/** BGR means of Keras' and Caffe's VGG, for pixels in 0 … 255. */
const KERAS_MEANS_BGR = [103.939, 116.779, 123.68] as const;

/**
 * `layers`: the source's convolutions in order, kernel [3, 3, in, out], bias [out].
 * Throws ImpastoError("bad-network") when shapes do not fit.
 */
export function convertKeras(
  layers: readonly { name?: string; kernel: Tensor; bias: Tensor }[],
  options: ConvertOptions,
): NetworkFile {
  const topology = kerasTopology(layers);
  const kept = keptConvolutions(topology, options.full).slice(0, layers.length);
  const parts = kept.map((name, index) => {
    const { kernel, bias } = layers[index] as { kernel: Tensor; bias: Tensor };
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

/** By Keras' own names, which may end anywhere; by how many there are, where a file has names of its own. */
function kerasTopology(layers: readonly { name?: string }[]): Topology {
  const has = (name: string) => layers.some((layer) => layer.name === name);
  if (has("block1_conv1")) return topologyOf((layer) => has(layer.replace(/relu(\d)_(\d)/, "block$1_conv$2")));
  if (layers.length === 13) return "vgg16";
  if (layers.length === 16) return "vgg19";
  throw badFile(`it has ${layers.length} convolutions, where VGG16 has 13 and VGG19 has 16`);
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
export function torchvisionIndex(convolution: string, topology: Topology): number {
  const index = convolutionsOf(topology).indexOf(convolution);
  const poolsBefore = Number(convolution.charAt("conv".length)) - 1;
  return 2 * index + poolsBefore;
}

/** Where VGG19 has its conv3_4, VGG16 has a pool. */
export function torchvisionTopology(has: (tensor: string) => boolean): Topology {
  return topologyOf((layer) => {
    if (layer === "relu3_4") return has("features.16.weight");
    return layer === "relu4_1" && (has("features.17.weight") || has("features.19.weight"));
  });
}

/** Names of the tensors in torchvision's file that are kept. */
export function torchvisionTensors(topology: Topology, full: boolean): string[] {
  return keptConvolutions(topology, full).flatMap((name) => {
    const stem = `features.${torchvisionIndex(name, topology)}`;
    return [`${stem}.weight`, `${stem}.bias`];
  });
}

/** `tensors`: at least torchvisionTensors. Throws ImpastoError("bad-network") when one is missing or does not fit. */
export function convertTorchvision(tensors: ReadonlyMap<string, Tensor>, options: ConvertOptions): NetworkFile {
  const take = (name: string): Tensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw badFile(`${name} is missing`);
    return tensor;
  };
  const topology = torchvisionTopology((name) => tensors.has(name));
  const parts = keptConvolutions(topology, options.full).map((name) => {
    const stem = `features.${torchvisionIndex(name, topology)}`;
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
