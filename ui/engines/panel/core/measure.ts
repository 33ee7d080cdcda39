// A style picture measured once: raw moments of its features by layer, blended where there are several styles.

import * as tf from "@tensorflow/tfjs-core";
import type { InterleavedImage } from "./image.ts";
import { flatten } from "./loss.ts";
import { sharesAt } from "./mask.ts";
import { averageMoments, gramOf, type Moments, meanOf } from "./moments.ts";
import { forward, type Vgg } from "./vgg.ts";

/** Moments by layer, kept on the CPU so that they outlive a lost context. */
export type MeasuredStyle = ReadonlyMap<string, Moments>;

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
      const shares = sharesAt(map, alpha);
      return { layer, mean: meanOf(flatten(map), shares), gram: gramOf(flatten(map), shares) };
    });
  });
  const measured = new Map<string, Moments>();
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

/** Several styles as one. */
export function blendStyles(styles: readonly { measured: MeasuredStyle; weight: number }[]): MeasuredStyle {
  const layers = [...(styles[0]?.measured.keys() ?? [])];
  const at = (layer: string) =>
    styles.map(({ measured, weight }) => ({ moments: measured.get(layer) as Moments, weight }));
  return new Map(layers.map((layer) => [layer, averageMoments(at(layer))]));
}

/** [H, W, 3] → [1, H, W, 3] */
export function uploadPixels(data: Float32Array, { width, height }: { width: number; height: number }): tf.Tensor4D {
  return tf.tensor4d(data, [1, height, width, 3]);
}

/** [1, H, W, 1], or null where the picture is opaque. */
export function uploadAlpha({ alpha, width, height }: InterleavedImage): tf.Tensor4D | null {
  return alpha === null ? null : tf.tensor4d(alpha, [1, height, width, 1]);
}
