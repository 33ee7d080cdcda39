// How near numbers of an engine have to come to their references, on every processor.
//
// ONNX Runtime takes other kernels for SSE2, AVX, AVX2, AVX-512 and NEON; they add the same products in another order,
// and some round once where others round twice. So nothing here is pinned by the last digits of one machine: each
// tolerance is at least three times what its numbers moved by when the tests were run on the kernels of SSE2, AVX, AVX2
// and AVX-512, and when the pixels were moved at random by up to 1e-6, which is what another order of sums does to a
// feature (200 seeds each).

export const TOLERANCES = {
  /**
   * Ten iterations of one run, relative. The first four are steps from nearly the same gradient: they moved by 2e-4 with
   * Wasserstein-2, whose roots of nearly singular matrices keep four digits, by 2e-5 with Gram matrices. From the fifth
   * on, L-BFGS builds its direction from differences of gradients and takes or refuses a step by comparing two losses,
   * so the same noise grows by half with each iteration; Adam only adds it up. Moved at the tenth: 1.3e-2, 3.8e-3, 1.5e-3, 1.5e-4.
   */
  curve: {
    "lbfgs w2": { first: 1e-3, tenth: 4e-2 },
    "lbfgs gram-normalized": { first: 1e-4, tenth: 1.5e-2 },
    "adam w2": { first: 1e-3, tenth: 6e-3 },
    "adam gram-normalized": { first: 1e-4, tenth: 1e-3 },
  },
} as const;
