#include "objective/feature_loss.h"

#include <algorithm>
#include <numeric>

#include "objective/positions.h"

namespace impasto {
namespace {

constexpr std::size_t kMostPositions = 16384;

// Places of at most `most` of those positions that count.
std::vector<std::size_t> choose_positions(const StyleFeatures& style, std::size_t most) {
  std::vector<std::size_t> places(style.values.size() / static_cast<std::size_t>(style.channels));
  std::iota(places.begin(), places.end(), 0);
  if (!style.weights.empty()) {
    std::erase_if(places, [&](std::size_t i) { return style.weights[i] == 0; });
  }
  std::vector<std::size_t> chosen;
  for (const std::int64_t i : spread_positions(places.size(), most)) {
    chosen.push_back(places[static_cast<std::size_t>(i)]);
  }
  return chosen;
}

}  // namespace

StyleSample sample_style(std::span<const StyleFeatures> styles) {
  StyleSample sample;
  sample.channels = styles.front().channels;
  const std::size_t most = std::max<std::size_t>(1, kMostPositions / styles.size());
  std::vector<std::vector<std::size_t>> chosen;
  for (const StyleFeatures& style : styles) {
    chosen.push_back(choose_positions(style, most));
    const auto weight_at = [&](std::size_t i) {
      return style.weights.empty() ? 1.0 : static_cast<double>(style.weights[i]);
    };
    double sum = 0;
    for (const std::size_t i : chosen.back()) sum += weight_at(i);
    for (const std::size_t i : chosen.back()) {
      sample.weights.push_back(style.share * weight_at(i) / sum);
    }
  }
  const double total = std::accumulate(sample.weights.begin(), sample.weights.end(), 0.0);
  for (double& weight : sample.weights) weight /= total;
  for (std::size_t c = 0; c < static_cast<std::size_t>(sample.channels); ++c) {
    for (std::size_t s = 0; s < styles.size(); ++s) {
      const std::vector<float>& values = styles[s].values;
      const std::size_t plane = values.size() / static_cast<std::size_t>(sample.channels);
      for (const std::size_t i : chosen[s]) sample.values.push_back(values[c * plane + i]);
    }
  }
  return sample;
}

std::vector<double> project(const StyleSample& sample, std::span<const float> weights,
                            double offset) {
  std::vector<double> result(sample.size(), offset);
  for (int c = 0; c < sample.channels; ++c) {
    const double weight = weights[static_cast<std::size_t>(c)];
    const std::span<const float> row = sample.row(c);
    for (std::size_t i = 0; i < row.size(); ++i) result[i] += weight * row[i];
  }
  return result;
}

double style_energy(const Moments& moments) {
  const std::size_t n = static_cast<std::size_t>(moments.channels);
  double energy = 0;
  for (std::size_t i = 0; i < n; ++i) energy += moments.gram[i * n + i];
  return std::max(energy, 1e-8 * static_cast<double>(n));
}

}  // namespace impasto
