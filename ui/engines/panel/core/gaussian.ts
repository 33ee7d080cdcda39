// Mean and covariance of a layer's features, in double on the CPU: the Gaussian that stands for a style
// (native/objective/gaussian).

export interface Gaussian {
  /** [C] */
  mean: Float64Array;
  /** [C, C] */
  covariance: Float64Array;
}

/** By layer. */
export type Gaussians = ReadonlyMap<string, Gaussian>;

/** That of all positions together, each set's counting by its weight (Chan, Golub & LeVeque 1979). */
export function blendGaussians(parts: readonly { gaussian: Gaussian; weight: number }[]): Gaussian {
  const n = parts[0]?.gaussian.mean.length ?? 0;
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const mean = new Float64Array(n);
  for (const { gaussian, weight } of parts) {
    for (let i = 0; i < n; i++) mean[i] = (mean[i] as number) + ((gaussian.mean[i] as number) * weight) / total;
  }
  const covariance = new Float64Array(n * n);
  for (const { gaussian, weight } of parts) {
    const away = gaussian.mean.map((value, i) => value - (mean[i] as number));
    for (let i = 0, at = 0; i < n; i++) {
      for (let j = 0; j < n; j++, at++) {
        const value = (gaussian.covariance[at] as number) + (away[i] as number) * (away[j] as number);
        covariance[at] = (covariance[at] as number) + (value * weight) / total;
      }
    }
  }
  return { mean, covariance };
}
