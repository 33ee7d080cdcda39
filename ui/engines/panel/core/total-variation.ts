// Total variation on the pixels, value and gradient side by side. Interleaved RGB [H, W, 3], sRGB 0 … 1.

import type { Settings } from "../../../../companion/protocol/settings.ts";

interface Size {
  width: number;
  height: number;
}

/** Adds weight · gradient to `gradient` and returns the unweighted value. */
export function totalVariation(
  norm: Settings["tv"],
  pixels: Float32Array,
  size: Size,
  weight: number,
  gradient: Float32Array,
): number {
  switch (norm) {
    case "l1":
    case "l2":
      return (
        differences(norm, pixels, size, 0, 1, weight, gradient, 1) +
        differences(norm, pixels, size, 1, 0, weight, gradient, 1)
      );
    case "9-point":
      return ninePoint(pixels, size, weight, gradient);
  }
}

/** factor · mean(|Δ|) or factor · mean(Δ²) over the pairs that lie (dy, dx) apart inside the picture. */
function differences(
  norm: "l1" | "l2",
  pixels: Float32Array,
  { width, height }: Size,
  dy: number,
  dx: number,
  weight: number,
  gradient: Float32Array,
  factor: number,
): number {
  const count = 3 * (height - dy) * (width - Math.abs(dx));
  const step = 3 * (dy * width + dx);
  const share = (factor * weight) / count;
  let sum = 0;
  for (let y = 0; y < height - dy; y++) {
    const begin = 3 * (y * width + Math.max(0, -dx));
    const end = 3 * (y * width + width - Math.max(0, dx));
    for (let i = begin; i < end; i++) {
      const difference = (pixels[i + step] as number) - (pixels[i] as number);
      sum += norm === "l1" ? Math.abs(difference) : difference * difference;
      const slope = (norm === "l1" ? Math.sign(difference) : 2 * difference) * share;
      gradient[i + step] = (gradient[i + step] as number) + slope;
      gradient[i] = (gradient[i] as number) - slope;
    }
  }
  return (factor * sum) / count;
}

/** crowsonkb's 9-point stencil: 2 (d→/3 + d↓/3 + d↘/12 + d↙/12) of squared differences, replicate border (mean over all pixels). */
function ninePoint(pixels: Float32Array, size: Size, weight: number, gradient: Float32Array): number {
  const { width, height } = size;
  const term = (dy: number, dx: number, share: number): number => {
    // A replicated border makes pairs across it zero, so the mean over all pixels is the pairs' sum over all pixels.
    const pairs = (height - dy) * (width - Math.abs(dx));
    const factor = (2 * share * pairs) / (width * height);
    return differences("l2", pixels, size, dy, dx, weight, gradient, factor);
  };
  return term(0, 1, 1 / 3) + term(1, 0, 1 / 3) + term(1, 1, 1 / 12) + term(1, -1, 1 / 12);
}
