// Laplacian loss (Li, Xu, Nie & Liu 2017, eq. 3 to 5), as native/objective/laplacian_loss: the picture has the content's
// edges, fine lines as well, which feature maps forget. The Laplacian of the pooled picture, channels added up, against
// the content's.

import type { Size } from "../../../../companion/protocol/sizing.ts";

/** Sides of the pools, as in the paper's fig. 6. */
const POOLS = [4, 16] as const;

/** Of one size of pools. */
interface Level {
  pool: number;
  pools: Size;
  /** Of the content, where a pool has four neighbors. */
  laplacian: Float64Array;
  energy: number;
}

export interface LaplacianLoss {
  /**
   * The mean over pool sizes of Σ (D x − D c)² / Σ (D c)²; x: [H, W, 3]. Adds weight · its gradient to `gradient`.
   */
  add(pixels: Float32Array, weight: number, gradient: Float32Array): number;
}

export function laplacianLoss(content: Float32Array, size: Size): LaplacianLoss {
  const levels = POOLS.flatMap((pool): Level[] => {
    const pools = { width: Math.floor(size.width / pool), height: Math.floor(size.height / pool) };
    if (pools.width < 3 || pools.height < 3) return [];
    const laplacian = laplacianOf(pooled(content, size, pool, pools), pools);
    const energy = laplacian.reduce((sum, value) => sum + value * value, 0);
    // A content of one color has nothing to be relative to.
    return [{ pool, pools, laplacian, energy: Math.max(energy, 1e-6 * laplacian.length) }];
  });
  return {
    add(pixels, weight, gradient) {
      let sum = 0;
      for (const { pool, pools, laplacian, energy } of levels) {
        const difference = laplacianOf(pooled(pixels, size, pool, pools), pools).map(
          (value, i) => value - (laplacian[i] as number),
        );
        const share = 1 / (energy * levels.length);
        sum += share * difference.reduce((squares, value) => squares + value * value, 0);
        const slope = transposed(difference, pools);
        const factor = (2 * weight * share) / (pool * pool);
        eachPooled(size, pool, pools, (at, i) => {
          gradient[at] = (gradient[at] as number) + factor * (slope[i] as number);
        });
      }
      return sum;
    },
  };
}

/** Every value of a picture with the pool that it falls into; what does not fill one is left out. */
function eachPooled({ width }: Size, pool: number, pools: Size, visit: (at: number, pool: number) => void): void {
  for (let y = 0; y < pools.height * pool; y++) {
    const row = Math.floor(y / pool) * pools.width;
    for (let x = 0; x < pools.width * pool; x++) {
      const at = 3 * (y * width + x);
      const i = row + Math.floor(x / pool);
      for (let c = 0; c < 3; c++) visit(at + c, i);
    }
  }
}

/** The channels' sum, averaged over pools. */
function pooled(pixels: Float32Array, size: Size, pool: number, pools: Size): Float64Array {
  const result = new Float64Array(pools.width * pools.height);
  eachPooled(size, pool, pools, (at, i) => {
    result[i] = (result[i] as number) + (pixels[at] as number) / (pool * pool);
  });
  return result;
}

/** Of each pool with four neighbors: its place, and theirs. */
function inner({ width, height }: Size): [number, readonly number[]][] {
  const result: [number, readonly number[]][] = [];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      result.push([at, [at - width, at + width, at - 1, at + 1]]);
    }
  }
  return result;
}

function laplacianOf(values: Float64Array, pools: Size): Float64Array {
  const at = (i: number) => values[i] as number;
  return Float64Array.from(inner(pools), ([center, around]) =>
    around.reduce((sum, neighbor) => sum - at(neighbor), 4 * at(center)),
  );
}

/** The gradient with respect to the pooled picture of ½ Σ laplacian², of `difference`. */
function transposed(difference: Float64Array, pools: Size): Float64Array {
  const result = new Float64Array(pools.width * pools.height);
  inner(pools).forEach(([center, around], i) => {
    const value = difference[i] as number;
    result[center] = (result[center] as number) + 4 * value;
    for (const neighbor of around) result[neighbor] = (result[neighbor] as number) - value;
  });
  return result;
}
