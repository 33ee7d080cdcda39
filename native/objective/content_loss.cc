#include "objective/content_loss.h"

#include <algorithm>

namespace impasto {

LossNodes add_content_loss(GraphBuilder& graph, const std::string& features,
                           const std::string& target, const std::string& factor,
                           const std::string& mask) {
  const std::string difference = graph.node("Sub", {features, target});
  const std::string weighted = mask.empty() ? difference : graph.node("Mul", {difference, mask});
  const std::string squares = graph.node("Mul", {difference, weighted});
  const std::int64_t all[] = {0, 1, 2, 3};
  const std::int64_t flat[] = {1, 1};
  const std::string sum = graph.node("ReduceSum", {squares, graph.constant(all)});
  return {graph.node("Reshape", {sum, graph.constant(flat)}),
          graph.node("Mul", {weighted, factor})};
}

double content_energy(std::span<const float> target, std::size_t plane,
                      std::span<const float> mask) {
  double sum = 0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const double weight = mask.empty() ? 1.0 : mask[i % plane];
    sum += weight * target[i] * target[i];
  }
  return sum;
}

double content_scale(double energy, int channels, double area, bool relative) {
  const double mean_scale = 1 / (channels * area);
  if (!relative) return mean_scale;
  // A layer that a picture leaves dark has nothing to be relative to.
  return 1 / std::max(energy, 1e-6 / mean_scale);
}

}  // namespace impasto
