// Mean and covariance of a layer's features, in double: the Gaussian that stands for a style.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace impasto {

struct Gaussian {
  double area = 0;                 // positions, as weights count them
  std::vector<double> mean;        // [C]
  std::vector<double> covariance;  // [C, C]

  std::size_t channels() const { return mean.size(); }
};

// By layer.
using Gaussians = std::map<std::string, Gaussian>;

// `sum` becomes the Gaussian of both sets of positions together (Chan, Golub & LeVeque 1979).
void merge(Gaussian& sum, const Gaussian& part);

// y = matrix x + offset.
struct AffineMap {
  std::vector<float> matrix;  // [C, C]
  std::vector<float> offset;  // [C]
};

// The optimal transport from one Gaussian to the other (Olkin & Pukelsheim 1982), and only `share`
// of the way: x → (1 − t) x + t (μ₁ + T (x − μ₀)), with T = S^-½ (S^½ Z S^½)^½ S^-½ for the
// covariances S = Σ₀ + ε, Z = Σ₁ + ε, ε = ridge (tr Σ₀ + tr Σ₁). The ridge on both sides leaves
// things as they are where neither varies.
AffineMap transport(const Gaussian& from, const Gaussian& to, double ridge, double share);

}  // namespace impasto
