// Peak memory of an evaluation, predicted from the shapes of its feature maps before anything is
// allocated.
#include <algorithm>

#include "objective/tiles.h"

namespace impasto {

namespace {

// Candidates and likenesses of a block (matcher.cc).
constexpr std::size_t kComparedFloats = std::size_t{5} << 20;
constexpr std::size_t kLibraryBytes = std::size_t{48} << 20;

}  // namespace

std::size_t predict_bytes(const Network& network, const Problem& problem) {
  const std::size_t depth = depth_of(network, problem.style_layers, problem.content_layers);
  const auto shapes = feature_shapes(network, problem.height, problem.width);
  std::size_t filters = 0;
  std::size_t features = 0;
  std::size_t largest = 0;
  for (std::size_t i = 0; i < depth; ++i) {
    filters += network.convolutions[i].weight.size();
    features += shapes[i].size();
    largest = std::max(largest, shapes[i].size());
  }
  // A layer whose patches are matched has its map on the host, a target and a gradient of its own,
  // and compares in blocks. Fitted to two runs at half width, 512 px.
  std::size_t matched = 0;
  for (const std::string& layer : problem.style_layers) {
    if (!is_matched(problem, layer)) continue;
    const std::size_t parts = 1 + 2 * static_cast<std::size_t>(std::max(1, problem.regions));
    matched += parts * shapes[layer_index(network, layer)].size() + kComparedFloats;
  }
  // Filters: as read, flipped, and both once more in the layout of the kernels. Features: all are
  // needed on the way back, beside a gradient, its mask, their product and what the allocator
  // cannot reuse; a max pool's way back holds its own masks too. Calibrated on Linux at ¼ and full
  // width, 128 to 1024 px: within 15 % of what was measured.
  // Each region has the features of a layer once more, weighted, and a gradient of its own.
  // What sorts features, or takes their waves, has rows as many as they.
  const double sorting = need_features(problem.style_losses) ? 8 : 0;
  const double beside =
      (problem.pooling == Pooling::kMax ? 6.5 : 4) + 2 * problem.regions + sorting;
  return sizeof(float) * (4 * filters + features + matched +
                          static_cast<std::size_t>(beside * static_cast<double>(largest))) +
         kLibraryBytes;
}

std::size_t predict_bytes(const Network& network, const Problem& problem, int tile) {
  const Windows tiles = cut_into_tiles(network, problem, tile);
  Problem one = problem_of_tile(problem, tiles);
  one.regions = std::max(1, problem.regions);  // all is weighted
  double bytes = static_cast<double>(predict_bytes(network, one));
  const auto shapes = feature_shapes(network, problem.height, problem.width);
  for (const std::string& layer : problem.content_layers) {
    bytes +=
        sizeof(std::uint16_t) * static_cast<double>(shapes[layer_index(network, layer)].size());
  }
  if (problem.masked || problem.regions > 0) {
    for (const std::string& layer : problem.style_layers) {
      bytes += sizeof(float) * one.regions *
               static_cast<double>(shapes[layer_index(network, layer)].plane());
    }
  }
  return static_cast<std::size_t>(bytes);
}

double pixels_in_tiles(const Network& network, const Problem& problem, int tile) {
  const Windows tiles = cut_into_tiles(network, problem, tile);
  // The pass for the moments goes forward once more: a third of an evaluation.
  return 4.0 / 3 * static_cast<double>(tiles.list.size()) * tiles.width * tiles.height;
}

}  // namespace impasto
