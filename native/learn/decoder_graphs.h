// The detailer's decoder as it is learned: its filters are inputs, what it reads has been carried
// before. One graph paints and gives out what each convolution made; the other takes that and the
// gradient at the picture back to the filters.
#pragma once

#include <string>
#include <vector>

#include "detail/detail_graph.h"
#include "learn/filters.h"

namespace impasto {

// Names of inputs and outputs; the n-th convolution's are "<what><n>", a level's "<what><level>".
namespace learn_names {
inline constexpr const char* kOwn = "own";             // [1, own, h, w], what a level reads itself
inline constexpr const char* kOwnFilters = "filter";   // [out, own, 3, 3]
inline constexpr const char* kBelowFilters = "below";  // [out, below, 3, 3]
inline constexpr const char* kBias = "bias";           // [out]
inline constexpr const char* kMade = "made";           // [1, out, h, w] after ReLU
inline constexpr const char* kPainted = "painted";     // [1, 3, H, W], around 0
inline constexpr const char* kTurnedOwn = "turned";    // [own, out, 3, 3], see turn_filters()
inline constexpr const char* kTurnedBelow = "turnedbelow";  // [below, out, 3, 3]
inline constexpr const char* kPull = "pull";                // [1, 3, H, W], gradient at the picture
inline constexpr const char* kOwnSlope = "dfilter";         // gradients, of the shapes above
inline constexpr const char* kBelowSlope = "dbelow";
inline constexpr const char* kBiasSlope = "dbias";
}  // namespace learn_names

std::string numbered(const char* what, std::size_t number);

ort::Model build_learned_decoder(const std::vector<LearnedConvolution>& convolutions,
                                 const std::vector<DetailLayer>& layers);

ort::Model build_filter_gradient(const std::vector<LearnedConvolution>& convolutions,
                                 const std::vector<DetailLayer>& layers);

}  // namespace impasto
