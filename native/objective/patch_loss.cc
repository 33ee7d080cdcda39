#include "objective/patch_loss.h"

#include <algorithm>

#include "objective/content_loss.h"

namespace impasto {
namespace {

constexpr int kPatchSide = 3;

// Patches overlap, so that the sum over them is one over positions: of k patches that want T of
// a position, Σ (F − T)² = k (F − T̄)² + Σ T² − k T̄². "target": T̄; "count": k/9.
StyleTarget prepare_patches(const FeatureMap& map, const StylePatches& style,
                            std::span<const float>, std::span<const std::size_t> matches) {
  const auto [rows, columns] = patch_grid(map.shape, kPatchSide);
  const std::size_t plane = map.shape.plane();
  const std::size_t length = static_cast<std::size_t>(map.shape.channels) * kPatchSide * kPatchSide;
  std::vector<float> count(plane);
  std::vector<float> target(map.shape.size());
  double squares = 0;
  double area = 0;
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const std::size_t center = static_cast<std::size_t>(y + 1) * map.shape.width + x + 1;
      const float share = (map.mask.empty() ? 1 : map.mask[center]) / (kPatchSide * kPatchSide);
      if (share == 0) continue;
      const float* patch =
          &style.values[matches[static_cast<std::size_t>(y) * columns + x] * length];
      for (std::size_t k = 0; k < length; ++k) {
        const std::size_t c = k / (kPatchSide * kPatchSide), v = k / kPatchSide % kPatchSide,
                          u = k % kPatchSide;
        const std::size_t at = (static_cast<std::size_t>(y) + v) * map.shape.width + x + u;
        target[c * plane + at] += share * patch[k];
        squares += static_cast<double>(share) * patch[k] * patch[k];
        if (c == 0) count[at] += share;
      }
      area += static_cast<double>(share) * kPatchSide * kPatchSide;
    }
  }
  double kept = 0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const float k = count[i % plane];
    if (k == 0) continue;
    target[i] /= k;
    kept += static_cast<double>(k) * target[i] * target[i];
  }
  double energy = 0;
  for (const float value : style.values) energy += static_cast<double>(value) * value;
  const double positions =
      static_cast<double>(style.values.size()) / static_cast<double>(map.shape.channels);
  const std::int64_t c = map.shape.channels, h = map.shape.height, w = map.shape.width;
  StyleTarget result;
  result.inputs.push_back({"target", {1, c, h, w}, std::move(target)});
  result.inputs.push_back({"count", {1, 1, h, w}, std::move(count)});
  // Relative to the style's own features, as large as they are on average.
  result.scale = 1 / std::max(area * energy / positions, 1e-6);
  result.offset = squares - kept;
  return result;
}

LossNodes add_patches(GraphBuilder& graph, const std::string& features, const FeatureShape& shape,
                      const std::string& factor, const DeclareInput& input) {
  const std::int64_t c = shape.channels, h = shape.height, w = shape.width;
  const std::string target = input("target", {1, c, h, w});
  // The content loss's gradient is half of its sum's.
  const std::string twice = graph.node("Add", {factor, factor});
  return add_content_loss(graph, features, target, twice, input("count", {1, 1, h, w}));
}

}  // namespace

const MatchedLoss kPatchLoss = {
    .side = kPatchSide,
    .most = 2048,
    .pull = 0.4,
    .at = [](const std::string& layer) { return block_of(layer) == 3 || block_of(layer) == 4; },
    .centered = false,
    .prepare = prepare_patches,
    .add = add_patches,
};

}  // namespace impasto
