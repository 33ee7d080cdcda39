#include "objective/matched_loss.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "objective/positions.h"

namespace impasto {
namespace {

// A patch counts when a mask has this share of what it has of the patch that is most in it.
constexpr double kIn = 0.5;

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

// Σ of the mask over the patch whose upper left corner is (y, x).
double mask_over(const FeatureMap& style, int side, int y, int x) {
  double sum = 0;
  for (int v = 0; v < side; ++v) {
    const float* row = &style.mask[static_cast<std::size_t>(y + v) * style.shape.width + x];
    sum = std::accumulate(row, row + side, sum);
  }
  return sum;
}

// Numbers of the patches that a map's mask is over, row by row of `columns`; none where it is
// nowhere.
std::vector<std::size_t> corners_within(const FeatureMap& style, int side, int rows, int columns) {
  std::vector<std::size_t> corners(static_cast<std::size_t>(rows) * columns);
  std::iota(corners.begin(), corners.end(), 0);
  if (style.mask.empty()) return corners;
  std::vector<double> counts;
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) counts.push_back(mask_over(style, side, y, x));
  }
  const double least = kIn * *std::max_element(counts.begin(), counts.end());
  std::erase_if(corners, [&](std::size_t i) { return counts[i] == 0 || counts[i] < least; });
  return corners;
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
  const auto corners = corners_within(style, loss.side, rows, columns);
  StylePatches patches{style.shape.channels, {}};
  const std::size_t length = patch_length(loss, patches);
  const auto kept = spread_positions(corners.size(), loss.most);
  patches.values.resize(kept.size() * length);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto corner = static_cast<int>(corners[static_cast<std::size_t>(kept[i])]);
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
    for (const std::int64_t place : spread_positions(count, most)) {
      const float* patch = styles[s]->values.data() + static_cast<std::size_t>(place) * length;
      mixed.values.insert(mixed.values.end(), patch, patch + length);
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
