// Puts network and losses together into one model: losses and gradient of a problem, or the
// statistics of a picture.
#pragma once

#include <string>
#include <vector>

#include "graph/vgg.h"
#include "objective/objective.h"

namespace impasto {

// Names of the model's inputs and outputs; a layer's are "<what>_<layer>".
namespace names {
inline constexpr const char* kPixels = "pixels";      // [1, 3, H + 2, W + 2]
inline constexpr const char* kGradient = "gradient";  // the same
inline constexpr const char* kSums = "sums";  // [n, 1]: by style layer, region, term; content
inline constexpr const char* kStyleFactor = "style_factor_";
inline constexpr const char* kContentTarget = "content_target_";
inline constexpr const char* kContentFactor = "content_factor_";
inline constexpr const char* kInverseArea = "inverse_area_";
inline constexpr const char* kMask = "mask_";
inline constexpr const char* kGram = "gram_";
inline constexpr const char* kMean = "mean_";
}  // namespace names

// A style layer in a region, in names of the graph.
std::string style_place_name(const std::string& layer, int region);
// One loss of the sum at a place or a content layer.
std::string term_name(const std::string& place, std::size_t term);
// The graph's name for what a style loss calls `input`, there.
std::string style_input(const std::string& input, const std::string& term);

// Of what a content loss compares a layer with.
Shape content_target_shape(ContentLoss loss, const FeatureShape& shape);

// Index of the deepest layer in use, plus one.
std::size_t depth_of(const Network& network, const std::vector<std::string>& style_layers,
                     const std::vector<std::string>& content_layers);

// Outputs: kSums, kGradient, and under their names the features of each content layer, from which
// the content's target is taken, and of each style layer whose patches are matched.
ort::Model build_objective_model(const Network& network, const FlippedFilters& flipped,
                                 const Problem& problem);

// What a picture of height × width is measured for. Outputs: gram_<layer> [C, C] and mean_<layer>
// [C, 1] of each style layer, the features of each content layer under its name.
struct Measurement {
  int height = 0;
  int width = 0;
  std::vector<std::string> style_layers;
  std::vector<std::string> content_layers;
  Pooling pooling = Pooling::kAverage;
  bool masked = false;
};
ort::Model build_measurement_model(const Network& network, const Measurement& measurement);

}  // namespace impasto
