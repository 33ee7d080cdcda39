// A style's features on the CPU, position by position, as native/objective/feature_loss: for losses that are no function
// of moments.

import { spreadPositions } from "./positions.ts";

export interface StyleFeatures {
  /** [n, C] */
  values: Float32Array;
  /** [n], how much each position counts; null: all alike. */
  weights: Float32Array | null;
  /** Of this style among several. */
  share: number;
}

export interface StyleSample {
  /** Views of [C] each. */
  positions: Float32Array[];
  /** Together 1. */
  weights: number[];
}

const MOST_POSITIONS = 16_384;

/** Places of at most `most` of those positions that count. */
function choosePositions({ values, weights }: StyleFeatures, channels: number, most: number): Int32Array {
  const all = Int32Array.from({ length: values.length / channels }, (_, i) => i);
  const places = weights === null ? all : all.filter((i) => weights[i] !== 0);
  return spreadPositions(places.length, most).map((i) => places[i] as number);
}

/** Of those positions that count: all where there are few, else so many that no statistic here needs more. */
export function sampleStyle(styles: readonly StyleFeatures[], channels: number): StyleSample {
  const sample: StyleSample = { positions: [], weights: [] };
  const most = Math.max(1, Math.floor(MOST_POSITIONS / styles.length));
  for (const style of styles) {
    const kept = choosePositions(style, channels, most);
    const weightAt = (i: number): number => (style.weights === null ? 1 : (style.weights[i] as number));
    const sum = kept.reduce((total, i) => total + weightAt(i), 0);
    for (const i of kept) {
      sample.positions.push(style.values.subarray(i * channels, (i + 1) * channels));
      sample.weights.push((style.share * weightAt(i)) / sum);
    }
  }
  const total = sample.weights.reduce((a, b) => a + b, 0);
  return { positions: sample.positions, weights: sample.weights.map((weight) => weight / total) };
}
