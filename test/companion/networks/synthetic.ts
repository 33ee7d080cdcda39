// Synthetic sources with the right names and shapes and random values: Keras' HDF5 (written with h5wasm) and
// torchvision's safetensors, at full or at thin width; and seeded random numbers that make the same file every time.

import { writeFile } from "node:fs/promises";
import { File, ready } from "h5wasm/node";
import { torchvisionIndex } from "../../../companion/networks/convert.ts";
import { convolutionsOf } from "../../../companion/networks/network-file.ts";
import { encodeSafetensors, type Tensor } from "../../../companion/networks/safetensors.ts";

export const FULL_WIDTHS = [64, 64, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512, 512, 512, 512, 512];
export const THIN_WIDTHS = FULL_WIDTHS.map((width) => width / 16);
export const THIN_VGG16_WIDTHS = THIN_WIDTHS.filter((_, index) => ![7, 11, 15].includes(index));

/** VGG16's eighth convolution begins a block, VGG19's does not. */
const topologyOf = (widths: readonly number[]) => (widths[7] === widths[6] ? "vgg19" : "vgg16");

export interface KerasLayer {
  /** [3, 3, in, out] */
  kernel: Tensor;
  bias: Tensor;
}

/** Mulberry32, in 0 … 1. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Uniform in ± scale·√(6/(9·in)): keeps activations alive through sixteen layers. */
function randomTensor(random: () => number, shape: readonly number[], scale: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = (2 * random() - 1) * scale;
  return { shape, values };
}

/** `inputScale`: what one unit of input is worth (Keras' filters see 0 … 255). */
export function randomKerasLayers(widths: readonly number[], seed: number, inputScale = 1 / 128): KerasLayer[] {
  const random = createRandom(seed);
  return widths.map((outChannels, index) => {
    const inChannels = index === 0 ? 3 : (widths[index - 1] as number);
    const scale = Math.sqrt(6 / (9 * inChannels)) * (index === 0 ? inputScale : 1);
    return {
      kernel: randomTensor(random, [3, 3, inChannels, outChannels], scale),
      bias: randomTensor(random, [outChannels], 0.1),
    };
  });
}

/** As Keras' save_weights writes: layer_names and weight_names, input and pools among the layers. */
export async function writeKerasFile(path: string, layers: readonly KerasLayer[]): Promise<void> {
  await ready;
  const file = new File(path, "w");
  const names = ["input_1"];
  const convolutions = convolutionsOf(topologyOf(layers.map(({ bias }) => bias.values.length)));
  layers.forEach((_, index) => {
    const [, block, number] = (convolutions[index] as string).match(/^conv(\d)_(\d)$/) as RegExpMatchArray;
    names.push(`block${block}_conv${number}`);
    if (convolutions[index + 1]?.startsWith(`conv${block}`) !== true) names.push(`block${block}_pool`);
  });
  file.create_attribute("layer_names", names, null, "S24");
  for (const name of names) {
    const group = file.create_group(name);
    if (!name.includes("conv")) {
      group.create_attribute("weight_names", new Float64Array(0), [0]);
      continue;
    }
    const { kernel, bias } = layers[names.filter((other) => other.includes("conv")).indexOf(name)] as KerasLayer;
    const weights = [`${name}_W_1:0`, `${name}_b_1:0`];
    group.create_attribute("weight_names", weights, null, "S32");
    group.create_dataset({ name: weights[0] as string, data: kernel.values, shape: [...kernel.shape], dtype: "<f" });
    group.create_dataset({ name: weights[1] as string, data: bias.values, shape: [...bias.shape], dtype: "<f" });
  }
  file.close();
}

/** torchvision's tensors, [out, in, 3, 3]; with `classifier` a large tensor that a pull must not fetch. */
export function randomTorchvisionTensors(
  widths: readonly number[],
  seed: number,
  classifier: number,
): Map<string, Tensor> {
  const random = createRandom(seed);
  const tensors = new Map<string, Tensor>();
  // The classifier comes first: what is not wanted must be skipped on both sides.
  if (classifier > 0) tensors.set("classifier.0.weight", randomTensor(random, [classifier], 1));
  const topology = topologyOf(widths);
  widths.forEach((outChannels, index) => {
    const inChannels = index === 0 ? 3 : (widths[index - 1] as number);
    const stem = `features.${torchvisionIndex(convolutionsOf(topology)[index] as string, topology)}`;
    const scale = Math.sqrt(6 / (9 * inChannels));
    tensors.set(`${stem}.weight`, randomTensor(random, [outChannels, inChannels, 3, 3], scale));
    if (classifier > 0 && index === 1) tensors.set("classifier.3.weight", randomTensor(random, [classifier], 1));
    tensors.set(`${stem}.bias`, randomTensor(random, [outChannels], 0.1));
  });
  return tensors;
}

export async function writeTorchvisionFile(path: string, tensors: ReadonlyMap<string, Tensor>): Promise<void> {
  await writeFile(path, encodeSafetensors(tensors, { format: "pt" }, "fp32"));
}

/** [3, size, size] in 0 … 1, reaching 0 and 1 at the border, where a wrong padding would show. */
export function randomImage(size: number, seed: number) {
  const random = createRandom(seed);
  const data = new Float32Array(3 * size * size);
  for (let i = 0; i < data.length; i++) data[i] = random();
  for (let i = 0; i < size; i++) data[i] = i % 2;
  return { channels: 3, height: size, width: size, data };
}

const CLASSIFIER: readonly [string, readonly number[]][] = [
  ["head.fc.weight", [1000, 4096]],
  ["head.fc.bias", [1000]],
  ["pre_logits.fc1.weight", [4096, 512, 7, 7]],
  ["pre_logits.fc1.bias", [4096]],
  ["pre_logits.fc2.weight", [4096, 4096, 1, 1]],
  ["pre_logits.fc2.bias", [4096]],
];

/** timm's file with all of its 575 MB, tensors sorted by name as there; the classifier's zeros are pages never touched. */
export function timmFile(tensors: ReadonlyMap<string, Tensor>): Buffer {
  const shapes = new Map([...CLASSIFIER, ...[...tensors].map(([name, { shape }]) => [name, shape] as const)]);
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  const offsets = new Map<string, number>();
  let position = 0;
  for (const name of [...shapes.keys()].sort()) {
    const shape = shapes.get(name) ?? [];
    const end = position + 4 * shape.reduce((product, size) => product * size, 1);
    header[name] = { dtype: "F32", shape, data_offsets: [position, end] };
    offsets.set(name, position);
    position = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const file = Buffer.alloc(8 + json.length + position);
  file.writeBigUInt64LE(BigInt(json.length), 0);
  json.copy(file, 8);
  for (const [name, { values }] of tensors) {
    file.set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      8 + json.length + (offsets.get(name) ?? 0),
    );
  }
  return file;
}
