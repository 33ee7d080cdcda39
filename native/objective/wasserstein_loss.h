// Style loss of one layer as the squared Wasserstein-2 distance between Gaussians fitted to the
// features (Mroueh 2019; crowsonkb 2021), per channel and relative to the target's energy:
//   |μ − μₜ|² + tr(Cₜ + C − 2 (Cₜ^½ C Cₜ^½)^½), divided by tr(Sₜ), S = C + μμᵀ.
// Its gradient in closed form: with T = Cₜ^½ (Cₜ^½ C Cₜ^½)^-½ Cₜ^½ (the optimal transport map),
// d/dC = I − T and d/dμ = 2 (μ − μₜ). Unlike crowsonkb's, the Newton–Schulz iteration is scaled
// (Chen & Chow 2014), which converges in twelve steps where the plain one stops short.
#pragma once

#include <vector>

#include "objective/gram_loss.h"

namespace impasto {

// sum = |μ − μₜ|² + tr C − 2 tr (Cₜ^½ C Cₜ^½)^½, still without tr Cₜ;
// gradient = factor · [(I − T) F + (T μ − μₜ) 1ᵀ] diag(m).
LossNodes add_wasserstein_loss(GraphBuilder& graph, const std::string& features,
                               const FeatureShape& shape, const StyleInputs& inputs);

// What the graph and the loss need to know of a style's layer.
struct GaussianTarget {
  std::vector<float> root;  // [C, C] = (covariance + ridge·I)^½
  double trace = 0;         // tr (covariance + ridge·I)
  double energy = 0;        // tr S, the loss's divisor
  double ridge = 0;         // added to both diagonals
};
GaussianTarget gaussian_target(const Moments& target);

// Of loss = scale · (sum + trace): the factor for a loss of weight `weight`.
inline double wasserstein_factor(double weight, double scale, double area) {
  return 2 * weight * scale / area;
}

}  // namespace impasto
