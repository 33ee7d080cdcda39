// The layers of VGG19 (Simonyan & Zisserman 2014), named after their block and convolution, after the ReLU.

/** Convolutions in each of the five blocks; a 2×2 pool stands between two blocks. */
export const CONVOLUTIONS_PER_BLOCK = [2, 2, 4, 4, 4] as const;

/** relu1_1 … relu5_4, shallow to deep. A network file may end at any of them. */
export const LAYERS = CONVOLUTIONS_PER_BLOCK.flatMap((count, block) =>
  Array.from({ length: count }, (_, index) => `relu${block + 1}_${index + 1}`),
);

export function isLayer(name: string): boolean {
  return LAYERS.includes(name);
}
