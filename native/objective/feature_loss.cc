#include "objective/feature_loss.h"

#include <algorithm>
#include <numeric>

namespace impasto {
namespace {

constexpr std::size_t kMostPositions = 16384;

}  // namespace

StyleSample sample_style(std::span<const StyleFeatures> styles) {
  StyleSample sample;
  sample.channels = styles.front().channels;
  const std::size_t channels = static_cast<std::size_t>(sample.channels);
  double total = 0;
  for (const StyleFeatures& style : styles) {
    const std::size_t plane = style.values.size() / channels;
    const std::size_t most = std::max<std::size_t>(1, kMostPositions / styles.size());
    const std::size_t step = (plane + most - 1) / most;
    const auto weight_at = [&](std::size_t i) {
      return style.weights.empty() ? 1.0 : static_cast<double>(style.weights[i]);
    };
    double sum = 0;
    for (std::size_t i = 0; i < plane; i += step) sum += weight_at(i);
    if (sum == 0) continue;
    for (std::size_t i = 0; i < plane; i += step) {
      const double weight = style.share * weight_at(i) / sum;
      if (weight == 0) continue;
      sample.weights.push_back(weight);
      total += weight;
      for (std::size_t c = 0; c < channels; ++c) {
        sample.values.push_back(style.values[c * plane + i]);
      }
    }
  }
  for (double& weight : sample.weights) weight /= total;
  return sample;
}

double style_energy(const Moments& moments) {
  const std::size_t n = static_cast<std::size_t>(moments.channels);
  double energy = 0;
  for (std::size_t i = 0; i < n; ++i) energy += moments.gram[i * n + i];
  return std::max(energy, 1e-8 * static_cast<double>(n));
}

}  // namespace impasto
