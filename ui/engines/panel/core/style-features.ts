// A style's features on the CPU, position by position, as native/objective/feature_loss: for losses that are no function
// of moments.

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

/** All of them where there are few, else every k-th: no statistic here needs more. */
export function sampleStyle(styles: readonly StyleFeatures[], channels: number): StyleSample {
  const sample: StyleSample = { positions: [], weights: [] };
  for (const { values, weights, share } of styles) {
    const plane = values.length / channels;
    const most = Math.max(1, Math.floor(MOST_POSITIONS / styles.length));
    const step = Math.ceil(plane / most);
    const kept = Array.from({ length: Math.ceil(plane / step) }, (_, i) => i * step);
    const weightAt = (i: number): number => (weights === null ? 1 : (weights[i] as number));
    const sum = kept.reduce((total, i) => total + weightAt(i), 0);
    for (const i of kept) {
      if (weightAt(i) === 0) continue;
      sample.positions.push(values.subarray(i * channels, (i + 1) * channels));
      sample.weights.push((share * weightAt(i)) / sum);
    }
  }
  const total = sample.weights.reduce((a, b) => a + b, 0);
  return { positions: sample.positions, weights: sample.weights.map((weight) => weight / total) };
}
