// Draft → picture of twice the size (or any size above), painted in a style's statistics by one pass of the detailer, as
// native/detail/detail, the whole picture at once: the panel paints none that would need windows.

import * as tf from "@tensorflow/tfjs-core";
import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { type DetailConvolution, type Detailer, type DetailLevel, noisePlace } from "./detailer.ts";
import type { Gaussian, Gaussians } from "./gaussian.ts";
import { clampAll, type InterleavedImage, resize } from "./image.ts";
import { flatten } from "./loss.ts";
import { sharesAt } from "./mask.ts";
import { uploadAlpha, uploadPixels } from "./measure.ts";
import { type MomentTensors, momentsOf } from "./moments.ts";
import type { Network } from "./network.ts";
import { placeNoise } from "./place-noise.ts";
import { type AffineMap, CARRIES } from "./transport.ts";
import { forward, openVgg, padBorder, toForward } from "./vgg.ts";

type Map4 = tf.Tensor4D;

export interface DetailStep {
  style: Gaussians;
  carry: Settings["carry"];
  /** 0: the content's own statistics. */
  share: number;
  seed: number;
}

export interface Detail {
  /** A style picture's statistics at its own size. */
  measure(style: InterleavedImage): Promise<Gaussians>;
  /** `draft` is smaller than `content`; the result has the content's size and no alpha. */
  add(draft: InterleavedImage, content: InterleavedImage, step: DetailStep): Promise<InterleavedImage>;
  close(): void;
}

/** Four halvings: sides are padded up to a multiple. */
const MULTIPLE = 16;

/** On the GPU until it is closed. */
export function openDetail(network: Network, detailer: Detailer): Detail {
  const deepest = (detailer.levels[0] as DetailLevel).layer;
  const vgg = openVgg(network, deepest, { pooling: null, padding: "replicate" });
  const filters = new Map([...detailer.levels.flatMap(({ convolutions }) => convolutions), detailer.out].map(upload));

  function encode(image: InterleavedImage): Measured[] {
    return tf.tidy(() => {
      const { features } = forward(vgg, uploadPixels(image.data, image), "replicate");
      const alpha = uploadAlpha(image);
      return detailer.levels.map(({ layer }) => {
        const map = features.get(layer) as Map4;
        return { layer, map, ...momentsOf("covariance", flatten(map), sharesAt(map, alpha)) };
      });
    });
  }

  function decode(mixed: InterleavedImage, carried: readonly Map4[], seed: number): Map4 {
    return tf.tidy(() => {
      let maps: Map4 | null = null;
      detailer.levels.forEach((level, index) => {
        const own = carried[index] as Map4;
        const [, height, width] = own.shape;
        const parts: Map4[] =
          maps === null ? [own] : [tf.image.resizeBilinear(maps, [height, width], false, true), own];
        if (level.noise > 0) {
          const values = placeNoise(seed, noisePlace(detailer, index), level.noise, { width, height });
          parts.push(tf.tensor4d(values, [1, height, width, level.noise]));
        }
        if (index === detailer.levels.length - 1) parts.push(tf.sub<Map4>(uploadPixels(mixed.data, mixed), 0.5));
        let x = parts.length === 1 ? own : (tf.concat(parts, 3) as Map4);
        for (const convolution of level.convolutions) x = tf.relu(convolve(x, filters.get(convolution) as Filter));
        maps = x;
      });
      return tf.add(convolve(maps as unknown as Map4, filters.get(detailer.out) as Filter), 0.5);
    });
  }

  return {
    async measure(style) {
      requireVisible(style);
      const measured = encode(padUp(style));
      tf.dispose(measured.map(({ map }) => map));
      return new Map((await downloadAll(measured)).map(({ layer, gaussian }) => [layer, gaussian]));
    },

    async add(draft, content, { style, carry: way, share, seed }) {
      requireVisible(content);
      const mixed = padUp(mix(draft, content, detailer.mix));
      const measured = encode(mixed);
      const maps = (await downloadAll(measured)).map(({ layer, gaussian }) =>
        CARRIES[way](gaussian, style.get(layer) as Gaussian, detailer.ridge, share),
      );
      const painted = tf.tidy(() => {
        const carried = measured.map(({ map }, i) => carry(map, maps[i] as AffineMap));
        const whole = decode(mixed, carried, seed);
        return tf.slice(whole, [0, 0, 0, 0], [1, content.height, content.width, 3]);
      });
      tf.dispose(measured.map(({ map }) => map));
      const data = clampAll((await painted.data()) as Float32Array);
      painted.dispose();
      return { width: content.width, height: content.height, data, alpha: null };
    },

    close() {
      vgg.dispose();
      for (const { weight, bias } of filters.values()) tf.dispose([weight, bias]);
    },
  };
}

type Measured = { layer: string; map: Map4 } & MomentTensors["covariance"];

async function downloadAll(measured: readonly Measured[]): Promise<{ layer: string; gaussian: Gaussian }[]> {
  const all: { layer: string; gaussian: Gaussian }[] = [];
  for (const { layer, mean, second } of measured) {
    const gaussian = {
      mean: Float64Array.from(await mean.data()),
      covariance: Float64Array.from(await second.data()),
    };
    tf.dispose([mean, second]);
    all.push({ layer, gaussian });
  }
  return all;
}

interface Filter {
  weight: Map4;
  bias: tf.Tensor1D;
}

function upload(convolution: DetailConvolution): [DetailConvolution, Filter] {
  const { weight, bias, inChannels, outChannels } = convolution;
  const shape: [number, number, number, number] = [3, 3, inChannels, outChannels];
  const filter = { weight: tf.tensor4d(toForward(weight, inChannels, outChannels), shape), bias: tf.tensor1d(bias) };
  return [convolution, filter];
}

function convolve(x: Map4, { weight, bias }: Filter): Map4 {
  return tf.add(tf.conv2d(padBorder(x, "replicate"), weight, 1, "valid"), bias);
}

/** matrix · features + offset */
function carry(map: Map4, { matrix, offset }: AffineMap): Map4 {
  const n = offset.length;
  const moved = tf.matMul(flatten(map), tf.tensor2d(matrix, [n, n]), false, true);
  return tf.reshape(tf.add(moved, tf.tensor1d(offset)), map.shape);
}

/** The draft at the content's size with `share` of what the content loses by shrinking to the draft's. */
function mix(draft: InterleavedImage, content: InterleavedImage, share: number): InterleavedImage {
  const enlarge = (data: Float32Array) => resize(data, 3, draft, content, "bicubic");
  const blurred = enlarge(resize(content.data, 3, content, draft, "bicubic"));
  const data = enlarge(draft.data).map(
    (value, i) => value + share * ((content.data[i] as number) - (blurred[i] as number)),
  );
  return { ...content, data: clampAll(data) };
}

/** The outermost pixels repeated at the right and below; copies. */
function padUp(image: InterleavedImage): InterleavedImage {
  const { width, height, data, alpha } = image;
  const size = { width: upToMultiple(width), height: upToMultiple(height) };
  const pad = (values: Float32Array, channels: number) => {
    const result = new Float32Array(channels * size.width * size.height);
    for (let y = 0, at = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        const begin = (Math.min(y, height - 1) * width + Math.min(x, width - 1)) * channels;
        for (let c = 0; c < channels; c++) result[at++] = values[begin + c] as number;
      }
    }
    return result;
  };
  return { ...size, data: pad(data, 3), alpha: alpha === null ? null : pad(alpha, 1) };
}

function upToMultiple(side: number): number {
  return Math.ceil(side / MULTIPLE) * MULTIPLE;
}

function requireVisible({ alpha }: InterleavedImage): void {
  if (alpha === null || alpha.some((value) => value > 0)) return;
  throw new ImpastoError("bad-picture", "The picture is fully transparent.", { hint: "Choose another one." });
}
