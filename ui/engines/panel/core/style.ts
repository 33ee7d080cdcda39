// A style picture measured once: raw moments of its features by layer, blended where there are several styles.

import * as tf from "@tensorflow/tfjs-core";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import type { LayerMoments } from "./gaussian-target.ts";
import type { InterleavedImage } from "./image.ts";
import { moments, prepareStyleTarget, type StyleTarget, sharesAt } from "./losses.ts";
import { forward, type Vgg } from "./vgg.ts";

/** Moments by layer, kept on the CPU so that they outlive a lost context. */
export type MeasuredStyle = ReadonlyMap<string, LayerMoments>;

/** Raw moments of every style layer. */
export async function measureStyle(
  vgg: Vgg,
  style: InterleavedImage,
  layers: readonly string[],
): Promise<MeasuredStyle> {
  const tensors = tf.tidy(() => {
    const { features } = forward(vgg, uploadPixels(style.data, style));
    const alpha = uploadAlpha(style);
    return layers.map((layer) => {
      const map = features.get(layer) as tf.Tensor4D;
      return { layer, ...moments(map, sharesAt(map, alpha)) };
    });
  });
  const measured = new Map<string, LayerMoments>();
  for (const { layer, mean, gram } of tensors) {
    measured.set(layer, {
      channels: mean.size,
      mean: (await mean.data()) as Float32Array,
      gram: (await gram.data()) as Float32Array,
    });
    tf.dispose([mean, gram]);
  }
  return measured;
}

/** Weighted average of raw moments. */
export function blendStyles(styles: readonly { measured: MeasuredStyle; weight: number }[]): MeasuredStyle {
  const sum = styles.reduce((total, { weight }) => total + weight, 0);
  const blended = new Map<string, LayerMoments>();
  for (const { measured, weight } of styles) {
    for (const [layer, { channels, mean, gram }] of measured) {
      const into = blended.get(layer) ?? {
        channels,
        mean: new Float32Array(mean.length),
        gram: new Float32Array(gram.length),
      };
      mean.forEach((x, i) => {
        into.mean[i] = (into.mean[i] as number) + (x * weight) / sum;
      });
      gram.forEach((x, i) => {
        into.gram[i] = (into.gram[i] as number) + (x * weight) / sum;
      });
      blended.set(layer, into);
    }
  }
  return blended;
}

/** What the style loss of one layer compares with. */
export function uploadStyle(kind: Settings["styleLoss"], style: MeasuredStyle, layer: string): StyleTarget {
  const measured = style.get(layer);
  if (measured === undefined) throw new Error(`the style was not measured at ${layer}`);
  return prepareStyleTarget(kind, measured);
}

/** [H, W, 3] → [1, H, W, 3] */
export function uploadPixels(data: Float32Array, { width, height }: { width: number; height: number }): tf.Tensor4D {
  return tf.tensor4d(data, [1, height, width, 3]);
}

/** [1, H, W, 1], or null where the picture is opaque. */
export function uploadAlpha({ alpha, width, height }: InterleavedImage): tf.Tensor4D | null {
  return alpha === null ? null : tf.tensor4d(alpha, [1, height, width, 1]);
}
