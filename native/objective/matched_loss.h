// Style losses that compare each place of a layer with the place of the style that is most like it,
// instead of statistics: they copy textures whole. Which places belong together is found on the
// host, anew every few iterations (Objective::rematch); until then the graph has it as a target.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "graph/vgg.h"
#include "objective/loss.h"
#include "objective/matcher.h"

namespace impasto {

// Features of a style around some of its positions.
struct StylePatches {
  int channels = 0;
  std::vector<float> values;  // [n, C · side²]: channel by channel, rows of the patch within
};

// A feature map on the host.
struct FeatureMap {
  FeatureShape shape;
  std::span<const float> values;  // [C, h, w]
  std::span<const float> mask;    // [h, w] in 0 … 1; empty where all count alike
};

struct MatchedLoss {
  int side = 1;  // of a patch, in positions
  // The most patches of a style that are looked at.
  std::size_t most = 0;
  // What its weight is multiplied by, so that a strength means about what it does with statistics;
  // empirical.
  double pull = 1;
  // True at a layer that the loss is for.
  bool (*at)(const std::string& layer) = nullptr;
  // Patches are compared about the style's mean, not as they are.
  bool centered = false;
  // The target of a map whose positions' best patches are given. `center`: [C · side²], that mean.
  StyleTarget (*prepare)(const FeatureMap& map, const StylePatches& style,
                         std::span<const float> center,
                         std::span<const std::size_t> matches) = nullptr;
  // With inputs as prepare() names them. `factor`: [1, 1, 1, 1], weight · scale; the gradient is
  // that times the sum's.
  LossNodes (*add)(GraphBuilder& graph, const std::string& features, const FeatureShape& shape,
                   const std::string& factor, const DeclareInput& input) = nullptr;
};

// Rows and columns of a map's patches, which overlap.
struct PatchGrid {
  int rows, columns;
};
inline PatchGrid patch_grid(const FeatureShape& shape, int side) {
  return {shape.height - side + 1, shape.width - side + 1};
}

// The patch whose upper left corner is (y, x): [C · side²].
void copy_patch(const FeatureMap& map, int side, int y, int x, float* patch);

// Patches of a style's map, spread over it; none where the mask says no.
StylePatches cut_patches(const MatchedLoss& loss, const FeatureMap& style);
// Of several styles as one: of each as many as its weight says.
StylePatches mix_patches(const MatchedLoss& loss, std::span<const StylePatches* const> styles,
                         std::span<const double> weights);

// A style's patches, ready to be matched with.
class PatchMatcher {
 public:
  PatchMatcher(const MatchedLoss& loss, StylePatches style, int threads);

  // The target that a map has in the style. Takes as long as its positions times the patches;
  // what `before_part` throws, called every now and then, ends it.
  StyleTarget match(const FeatureMap& map, const std::function<void()>& before_part);

 private:
  const MatchedLoss& loss_;
  StylePatches style_;
  std::vector<float> center_;  // [C · side²]; zeros where patches are compared as they are
  Matcher matcher_;
};

}  // namespace impasto
