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

// Σ + μ μᵀ, [C, C].
std::vector<double> raw_second_moments(const Gaussian& gaussian);

}  // namespace impasto
