// VGG19 forward and its hand-derived backward (the same rules as native/graph): pixels → feature maps → gradient.
// Feature maps are NHWC [1, h, w, C] after the ReLU. The filters live on the GPU as long as the Vgg does.

import * as tf from "@tensorflow/tfjs-core";
import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import { LAYERS } from "../../../../companion/protocol/layers.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import type { Network } from "./network.ts";

type Map4 = tf.Tensor4D;

interface Filters {
  layer: string;
  /** HWIO [3, 3, in, out] */
  forward: Map4;
  bias: tf.Tensor1D;
  /** Flipped, in and out swapped: [3, 3, out, in]. Behind an average pool it carries the pool's ¼. */
  backward: Map4;
}

/** What a forward pass leaves behind for the backward pass; disposed by its owner's tf.tidy. */
export interface Activations {
  features: Map<string, Map4>;
  pooled: Map<string, Map4>;
}

export interface Vgg {
  network: Network;
  pooling: "avg" | "max";
  padding: Settings["padding"];
  filters: readonly Filters[];
  mean: tf.Tensor1D;
  std: tf.Tensor1D;
  dispose(): void;
}

/** Uploads the filters up to `deepest`. Throws ImpastoError("layer-missing") when the file ends before it. */
export function openVgg(network: Network, deepest: string, settings: Pick<Settings, "pooling" | "padding">): Vgg {
  const depth = network.convolutions.findIndex(({ layer }) => layer === deepest) + 1;
  if (depth === 0) {
    const last = network.convolutions.at(-1)?.layer;
    throw new ImpastoError("layer-missing", `The network ${network.name} ends at ${last} and has no ${deepest}.`, {
      hint: `Choose layers from ${LAYERS[0]} … ${last}.`,
    });
  }
  const pooling = settings.pooling ?? network.pooling;
  const filters = network.convolutions.slice(0, depth).map((convolution) => {
    const { layer, inChannels, outChannels, weight, bias } = convolution;
    const afterAveragePool = isFirstOfBlock(layer) && layer !== LAYERS[0] && pooling === "avg";
    return {
      layer,
      forward: tf.tensor4d(toForward(weight, inChannels, outChannels), [3, 3, inChannels, outChannels]),
      bias: tf.tensor1d(bias),
      backward: tf.tensor4d(toBackward(weight, inChannels, outChannels, afterAveragePool ? 0.25 : 1), [
        3,
        3,
        outChannels,
        inChannels,
      ]),
    };
  });
  const mean = tf.tensor1d([...network.mean]);
  const std = tf.tensor1d([...network.std]);
  return {
    network,
    pooling,
    padding: settings.padding,
    filters,
    mean,
    std,
    dispose() {
      tf.dispose([mean, std, ...filters.flatMap(({ forward, bias, backward }) => [forward, bias, backward])]);
    },
  };
}

/**
 * pixels: [1, H, W, 3], sRGB 0 … 1. To be called inside tf.tidy. `border`: what stands around the maps behind the first
 * convolution: zeros, as the networks were trained, or their outermost values, which leaves no frame in pictures that are
 * decoded from the features.
 */
export function forward(vgg: Vgg, pixels: Map4, border: "zero" | "replicate" = "zero"): Activations {
  const features = new Map<string, Map4>();
  const pooled = new Map<string, Map4>();
  let x: Map4 = tf.div(tf.sub(pixels, vgg.mean), vgg.std);
  for (const { layer, forward: filter, bias } of vgg.filters) {
    const isFirst = layer === LAYERS[0];
    if (isFirstOfBlock(layer) && !isFirst) {
      x = vgg.pooling === "avg" ? tf.avgPool(x, 2, 2, "valid") : tf.maxPool(x, 2, 2, "valid");
      pooled.set(layer, x);
    }
    const padding = isFirst ? vgg.padding : border;
    const padded = padding !== "zero";
    if (padded) x = padBorder(x, padding);
    x = tf.relu(tf.add(tf.conv2d(x, filter, 1, padded ? "valid" : "same"), bias));
    features.set(layer, x);
  }
  return { features, pooled };
}

/** Carries gradients at layers back to the pixels: [1, H, W, 3]. To be called inside tf.tidy. */
export function backward(vgg: Vgg, { features, pooled }: Activations, atLayers: ReadonlyMap<string, Map4>): Map4 {
  let gradient: Map4 | null = null;
  for (let i = vgg.filters.length - 1; i >= 0; i--) {
    const { layer, backward: filter } = vgg.filters[i] as Filters;
    const here = atLayers.get(layer);
    if (here !== undefined) gradient = gradient === null ? here : tf.add(gradient, here);
    if (gradient === null) continue;
    const masked: Map4 = tf.mul(gradient, tf.step(features.get(layer) as Map4));
    if (layer === LAYERS[0] && vgg.padding !== "zero") {
      gradient = foldBorder(
        tf.conv2d(
          tf.pad(masked, [
            [0, 0],
            [2, 2],
            [2, 2],
            [0, 0],
          ]),
          filter,
          1,
          "valid",
        ),
        vgg.padding,
      );
      continue;
    }
    gradient = tf.conv2d(masked, filter, 1, "same");
    const pool = pooled.get(layer);
    if (pool !== undefined) {
      const below = features.get((vgg.filters[i - 1] as Filters).layer) as Map4;
      gradient = unpool(vgg.pooling, gradient, pool, below);
    }
  }
  if (gradient === null) throw new Error("backward() was given no gradient at any layer");
  return tf.div(gradient, vgg.std);
}

/** What differs from the maximum by less is as large (as native/graph/vgg.cc has it, and why). */
const NEARLY = 1e-5;

/** Back through a 2×2 pool of stride 2; the row and column that it dropped at odd sizes get zero. */
function unpool(pooling: "avg" | "max", gradient: Map4, pool: Map4, below: Map4): Map4 {
  const [, height, width] = below.shape;
  const even = [pool.shape[1] * 2, pool.shape[2] * 2] as [number, number];
  const up = (map: Map4): Map4 => tf.image.resizeNearestNeighbor(map, even);
  let spread: Map4;
  if (pooling === "avg") spread = up(gradient);
  else {
    const kept = tf.slice(below, [0, 0, 0, 0], [1, even[0], even[1], below.shape[3]]);
    const isMaximum: Map4 = tf.sub(1, tf.step(tf.sub(up(tf.mul(pool, 1 - NEARLY)), kept)));
    // Where several of the four are the maximum, as in flat areas, they share the gradient.
    const count = tf.mul(4, tf.avgPool(isMaximum, 2, 2, "valid"));
    spread = tf.mul(up(tf.div(gradient, count)), isMaximum);
  }
  if (even[0] === height && even[1] === width) return spread;
  return tf.pad(spread, [
    [0, 0],
    [0, height - even[0]],
    [0, width - even[1]],
    [0, 0],
  ]);
}

/** One pixel of border, copied (replicate) or mirrored without the edge itself (reflect). */
export function padBorder(x: Map4, padding: Settings["padding"]): Map4 {
  const ring: [number, number][] = [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ];
  return tf.mirrorPad(x, ring, padding === "reflect" ? "reflect" : "symmetric") as Map4;
}

/** The transpose of padBorder: what arrived at the border is added where it was copied from. */
function foldBorder(gradient: Map4, padding: Settings["padding"]): Map4 {
  const offset = padding === "reflect" ? 1 : 0;
  return foldAxis(foldAxis(gradient, 1, offset), 2, offset);
}

function foldAxis(x: Map4, axis: 1 | 2, offset: number): Map4 {
  const length = x.shape[axis] - 2;
  const take = (begin: number, count: number): Map4 => {
    const from = [0, 0, 0, 0] as [number, number, number, number];
    const size = [...x.shape] as [number, number, number, number];
    from[axis] = begin;
    size[axis] = count;
    return tf.slice(x, from, size);
  };
  const place = (part: Map4, at: number): Map4 => {
    const ring: [number, number][] = [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ];
    ring[axis] = [at, length - at - 1];
    return tf.pad(part, ring as [[number, number], [number, number], [number, number], [number, number]]);
  };
  const inner = take(1, length);
  return tf.add(tf.add(inner, place(take(0, 1), offset)), place(take(length + 1, 1), length - 1 - offset));
}

function isFirstOfBlock(layer: string): boolean {
  return layer.endsWith("_1");
}

/** [out, in, 3, 3] → [3, 3, in, out]; copies. */
export function toForward(weight: Float32Array, inChannels: number, outChannels: number): Float32Array {
  const result = new Float32Array(weight.length);
  for (let o = 0, at = 0; o < outChannels; o++) {
    for (let i = 0; i < inChannels; i++) {
      for (let k = 0; k < 9; k++, at++) result[(k * inChannels + i) * outChannels + o] = weight[at] as number;
    }
  }
  return result;
}

/** [out, in, 3, 3] → [3, 3, out, in], flipped in both directions; copies. */
function toBackward(weight: Float32Array, inChannels: number, outChannels: number, factor: number): Float32Array {
  const result = new Float32Array(weight.length);
  for (let o = 0, at = 0; o < outChannels; o++) {
    for (let i = 0; i < inChannels; i++) {
      for (let k = 0; k < 9; k++, at++) {
        result[((8 - k) * outChannels + o) * inChannels + i] = (weight[at] as number) * factor;
      }
    }
  }
  return result;
}
