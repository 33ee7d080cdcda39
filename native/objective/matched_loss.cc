#include "objective/matched_loss.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace impasto {
namespace {

// A mask counts a position as in from here on.
constexpr float kIn = 0.5f;

// Of `count` things, at most `most`, spread over them in their order.
std::vector<std::size_t> spread_over(std::size_t count, std::size_t most) {
  const std::size_t kept = std::min(count, most);
  std::vector<std::size_t> places(kept);
  for (std::size_t i = 0; i < kept; ++i) places[i] = i * count / kept;
  return places;
}

std::vector<float> mean_patch(const StylePatches& style, std::size_t length) {
  std::vector<double> sum(length);
  for (std::size_t i = 0; i < style.values.size(); ++i) sum[i % length] += style.values[i];
  const double share = static_cast<double>(length) / static_cast<double>(style.values.size());
  std::vector<float> mean(length);
  for (std::size_t k = 0; k < length; ++k) mean[k] = static_cast<float>(sum[k] * share);
  return mean;
}

std::vector<float> about(std::vector<float> values, const std::vector<float>& center) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= center[i % center.size()];
  return values;
}

std::size_t patch_length(const MatchedLoss& loss, const StylePatches& style) {
  return static_cast<std::size_t>(style.channels) * loss.side * loss.side;
}

}  // namespace

void copy_patch(const FeatureMap& map, int side, int y, int x, float* patch) {
  for (int c = 0; c < map.shape.channels; ++c) {
    for (int v = 0; v < side; ++v) {
      const float* row = &map.values[c * map.shape.plane() +
                                     static_cast<std::size_t>(y + v) * map.shape.width + x];
      patch = std::copy(row, row + side, patch);
    }
  }
}

StylePatches cut_patches(const MatchedLoss& loss, const FeatureMap& style) {
  const auto [rows, columns] = patch_grid(style.shape, loss.side);
  std::vector<std::size_t> corners;
  const int middle = loss.side / 2;
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const std::size_t center =
          static_cast<std::size_t>(y + middle) * style.shape.width + x + middle;
      if (!style.mask.empty() && style.mask[center] < kIn) continue;
      corners.push_back(static_cast<std::size_t>(y) * columns + x);
    }
  }
  StylePatches patches{style.shape.channels, {}};
  const std::size_t length = patch_length(loss, patches);
  const auto kept = spread_over(corners.size(), loss.most);
  patches.values.resize(kept.size() * length);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto corner = static_cast<int>(corners[kept[i]]);
    copy_patch(style, loss.side, corner / columns, corner % columns, &patches.values[i * length]);
  }
  return patches;
}

StylePatches mix_patches(const MatchedLoss& loss, std::span<const StylePatches* const> styles,
                         std::span<const double> weights) {
  const double heaviest = *std::max_element(weights.begin(), weights.end());
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0) / heaviest;
  StylePatches mixed{styles.front()->channels, {}};
  const std::size_t length = patch_length(loss, mixed);
  for (std::size_t s = 0; s < styles.size(); ++s) {
    const std::size_t count = styles[s]->values.size() / length;
    const double share = weights[s] / heaviest;
    const auto most = static_cast<std::size_t>(std::min(
        share * static_cast<double>(count), share / total * static_cast<double>(loss.most)));
    for (const std::size_t place : spread_over(count, most)) {
      const auto begin = styles[s]->values.begin() + static_cast<std::ptrdiff_t>(place * length);
      mixed.values.insert(mixed.values.end(), begin, begin + static_cast<std::ptrdiff_t>(length));
    }
  }
  return mixed;
}

PatchMatcher::PatchMatcher(const MatchedLoss& loss, StylePatches style, int threads)
    : loss_(loss),
      style_(std::move(style)),
      center_(loss.centered ? mean_patch(style_, patch_length(loss, style_))
                            : std::vector<float>(patch_length(loss, style_))),
      matcher_(about(style_.values, center_), center_.size(), threads) {}

StyleTarget PatchMatcher::match(const FeatureMap& map, const std::function<void()>& before_part) {
  const auto [rows, columns] = patch_grid(map.shape, loss_.side);
  const std::size_t length = center_.size();
  const auto fill = [&, columns = columns](std::size_t first, std::size_t count, float* queries) {
    before_part();
    for (std::size_t i = 0; i < count; ++i, queries += length) {
      const auto corner = static_cast<int>(first + i);
      copy_patch(map, loss_.side, corner / columns, corner % columns, queries);
      for (std::size_t k = 0; k < length; ++k) queries[k] -= center_[k];
    }
  };
  const auto matches = matcher_.match(static_cast<std::size_t>(rows) * columns, fill);
  return loss_.prepare(map, style_, center_, matches);
}

}  // namespace impasto
