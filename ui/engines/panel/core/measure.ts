// A style picture measured once: raw moments of its features by layer, blended where there are several styles.

import * as tf from "@tensorflow/tfjs-core";
import type { Mask } from "../../../../companion/protocol/mask.ts";
import type { InterleavedImage } from "./image.ts";
import { flatten } from "./loss.ts";
import { sharesAt } from "./mask.ts";
import { averageMoments, gramOf, type Moments, meanOf } from "./moments.ts";
import type { StyleFeatures } from "./style-features.ts";
import { forward, type Vgg } from "./vgg.ts";

export interface MeasuredLayer extends Moments {
  /** Of each style. */
  features: readonly StyleFeatures[];
}

/** By layer, kept on the CPU so that they outlive a lost context. */
export type MeasuredStyle = ReadonlyMap<string, MeasuredLayer>;

/** Raw moments of every style layer; its features where a loss looks at them. */
export async function measureStyle(
  vgg: Vgg,
  style: InterleavedImage,
  layers: readonly string[],
  withFeatures = false,
): Promise<MeasuredStyle> {
  const tensors = tf.tidy(() => {
    const { features } = forward(vgg, uploadPixels(style.data, style));
    const alpha = uploadAlpha(style);
    return layers.map((layer) => {
      const map = features.get(layer) as tf.Tensor4D;
      const shares = sharesAt(map, alpha);
      return {
        layer,
        features: withFeatures ? [map, ...(typeof shares === "number" ? [] : [shares])] : [],
        mean: meanOf(flatten(map), shares),
        gram: gramOf(flatten(map), shares),
      };
    });
  });
  const measured = new Map<string, MeasuredLayer>();
  for (const { layer, features, mean, gram } of tensors) {
    const [values, weights] = features;
    measured.set(layer, {
      channels: mean.size,
      mean: (await mean.data()) as Float32Array,
      gram: (await gram.data()) as Float32Array,
      features: values === undefined ? [] : [await download(values, weights)],
    });
    tf.dispose([mean, gram, ...features]);
  }
  return measured;
}

async function download(values: tf.Tensor, weights: tf.Tensor | undefined): Promise<StyleFeatures> {
  return {
    values: (await values.data()) as Float32Array,
    weights: weights === undefined ? null : ((await weights.data()) as Float32Array),
    share: 1,
  };
}

/** Several styles as one: each layer of those that have it. */
export function blendStyles(styles: readonly { measured: MeasuredStyle; weight: number }[]): MeasuredStyle {
  const layers = [...new Set(styles.flatMap(({ measured }) => [...measured.keys()]))];
  const at = (layer: string) =>
    styles.flatMap(({ measured, weight }) => {
      const moments = measured.get(layer);
      return moments === undefined ? [] : [{ moments, weight }];
    });
  const featuresAt = (layer: string) =>
    at(layer).flatMap(({ moments, weight }) =>
      moments.features.map((features) => ({ ...features, share: features.share * weight })),
    );
  return new Map(layers.map((layer) => [layer, { ...averageMoments(at(layer)), features: featuresAt(layer) }]));
}

/** [H, W, 3] → [1, H, W, 3] */
export function uploadPixels(data: Float32Array, { width, height }: { width: number; height: number }): tf.Tensor4D {
  return tf.tensor4d(data, [1, height, width, 3]);
}

/** [1, H, W, 1], or null where the picture is opaque. */
export function uploadAlpha({ alpha, width, height }: InterleavedImage): tf.Tensor4D | null {
  return alpha === null ? null : uploadMask({ width, height, channels: 1, data: alpha });
}

/** [1, H, W, 1] */
export function uploadMask({ width, height, data }: Mask): tf.Tensor4D {
  return tf.tensor4d(data, [1, height, width, 1]);
}
