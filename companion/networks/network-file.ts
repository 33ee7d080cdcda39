// A network in memory and in our file format (safetensors with convB_I.weight [out, in, 3, 3] and convB_I.bias [out],
// VGG16's conv1_1 … conv5_3 or VGG19's conv1_1 … conv5_4, or a prefix; metadata name, mean, std for RGB in 0 … 1).
// Topology, widths and depth come from the file.

import { layersOf, type Topology, topologyOf } from "../protocol/layers.ts";
import { badFile, decodeTensor, encodeSafetensors, type Precision, parseFile, type Tensor } from "./safetensors.ts";

/** conv1_1 … conv5_3 or conv5_4, shallow to deep. */
export function convolutionsOf(topology: Topology): string[] {
  return layersOf(topology).map((layer) => layer.replace("relu", "conv"));
}

/** By the convolutions that a file holds. */
export function topologyOfConvolutions(has: (convolution: string) => boolean): Topology {
  return topologyOf((layer) => has(layer.replace("relu", "conv")));
}

export interface Convolution {
  /** "conv1_1" */
  name: string;
  inChannels: number;
  outChannels: number;
  /** [out, in, 3, 3] */
  weight: Float32Array;
  /** [out] */
  bias: Float32Array;
}

export type Triple = readonly [number, number, number];

export interface NetworkFile {
  name: string;
  /** RGB, for pixels in 0 … 1: the network sees (pixel − mean) / std. */
  mean: Triple;
  std: Triple;
  /** pooling, padding, source, license and whatever else the file says. */
  metadata: Readonly<Record<string, string>>;
  precision: Precision;
  convolutions: readonly Convolution[];
}

/** Reads a whole file in our format. Throws ImpastoError("bad-network") that says what is wrong with it. */
export function parseNetworkFile(bytes: Uint8Array): NetworkFile {
  const header = parseFile(bytes);
  const body = bytes.subarray(header.bodyOffset);
  const tensors = new Map<string, Tensor>();
  for (const name of convolutionsOf("vgg19").flatMap((stem) => [`${stem}.weight`, `${stem}.bias`])) {
    const info = header.tensors.get(name);
    if (info !== undefined) tensors.set(name, decodeTensor(name, info, body.subarray(info.begin, info.end)));
  }
  const precision = header.tensors.get("conv1_1.weight")?.dtype === "F32" ? "fp32" : "fp16";
  return networkFromTensors(header.metadata, tensors, precision);
}

/** `tensors`: by the names of our format; others are ignored. Throws ImpastoError("bad-network"). */
export function networkFromTensors(
  allMetadata: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, Tensor>,
  precision: Precision,
): NetworkFile {
  const take = (name: string): Tensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw badFile(`${name} is missing`);
    return tensor;
  };
  const present = convolutionsOf("vgg19").filter((name) => tensors.has(`${name}.weight`));
  const parts = present.map((name) => ({ name, weight: take(`${name}.weight`), bias: take(`${name}.bias`) }));
  const { name = "unnamed", mean, std, ...metadata } = allMetadata;
  const triples = { mean: parseTriple("mean", mean), std: parseTriple("std", std) };
  return { name, ...triples, metadata, precision, convolutions: chainConvolutions(parts) };
}

/**
 * Checks that the convolutions begin at conv1_1, leave none out and fit one another.
 * Throws ImpastoError("bad-network").
 */
export function chainConvolutions(parts: readonly { name: string; weight: Tensor; bias: Tensor }[]): Convolution[] {
  if (parts.length === 0) throw badFile("it has no conv1_1, so it is no VGG network");
  const names = convolutionsOf(topologyOfConvolutions((one) => parts.some(({ name }) => name === one)));
  let inChannels = 3;
  return parts.map(({ name, weight, bias }, index) => {
    if (name !== names[index]) throw badFile(`${names[index] ?? "conv3_4"} is missing`);
    const outChannels = weight.shape[0] ?? 0;
    expectShape(`${name}.weight`, weight, [outChannels, inChannels, 3, 3]);
    expectShape(`${name}.bias`, bias, [outChannels]);
    const convolution = { name, inChannels, outChannels, weight: weight.values, bias: bias.values };
    inChannels = outChannels;
    return convolution;
  });
}

function expectShape(name: string, tensor: Tensor, shape: readonly number[]): void {
  if (tensor.shape.join() === shape.join() && !shape.includes(0)) return;
  throw badFile(`${name} has shape ${tensor.shape.join("×")}, where ${shape.join("×")} is expected`);
}

function parseTriple(name: string, text: string | undefined): Triple {
  let values: unknown;
  try {
    values = JSON.parse(text ?? "null");
  } catch {
    values = null;
  }
  if (
    Array.isArray(values) &&
    values.length === 3 &&
    values.every((x) => typeof x === "number" && Number.isFinite(x))
  ) {
    if (name === "mean" || values.every((x) => x > 0)) return values as [number, number, number];
  }
  throw badFile(`its metadata has no ${name} of three numbers`);
}

/** The file's bytes; the same network gives the same bytes. */
export function encodeNetworkFile(network: NetworkFile): Uint8Array {
  const tensors = new Map<string, Tensor>();
  for (const { name, inChannels, outChannels, weight, bias } of network.convolutions) {
    tensors.set(`${name}.weight`, { shape: [outChannels, inChannels, 3, 3], values: weight });
    tensors.set(`${name}.bias`, { shape: [outChannels], values: bias });
  }
  const { name, mean, std, metadata, precision } = network;
  const all = { name, mean: JSON.stringify(mean), std: JSON.stringify(std), ...metadata };
  return encodeSafetensors(tensors, all, precision);
}
