// The map that carries one Gaussian onto another.
#pragma once

#include <vector>

#include "objective/gaussian.h"

namespace impasto {

// y = matrix x + offset.
struct AffineMap {
  std::vector<float> matrix;  // [C, C]
  std::vector<float> offset;  // [C]
};

// The optimal transport from one Gaussian to the other (Olkin & Pukelsheim 1982), and only `share`
// of the way: x → (1 − t) x + t (μ₁ + T (x − μ₀)), with T = S^-½ (S^½ Z S^½)^½ S^-½ for the
// covariances S = Σ₀ + ε, Z = Σ₁ + ε, ε = ridge (tr Σ₀ + tr Σ₁). The ridge on both sides leaves
// things as they are where neither varies. Beyond all of the way (t > 1) μ₁ stays, and what goes on
// is how features vary about it: means that went past the style's were worse by every measure.
AffineMap transport(const Gaussian& from, const Gaussian& to, double ridge, double share);

// Each channel by itself to the other's mean and deviation (adaptive instance normalization, Huang
// & Belongie 2017, eq. 8), `share` of the way, with the same ridge under the roots.
AffineMap match_deviations(const Gaussian& from, const Gaussian& to, double ridge, double share);

}  // namespace impasto
