// The steps of a tiled evaluation as models: moments of a tile, slopes of all, gradient of a tile.
// Inputs and outputs that model.h has are called as there.
#pragma once

#include "objective/model.h"

namespace impasto {

namespace names {
inline constexpr const char* kCovariance = "covariance_";  // [C, C], about the mean
inline constexpr const char* kSlope = "slope_";            // S, [C, C], with the factor in it
inline constexpr const char* kOffset = "offset_";          // s, [C, 1], the same
}  // namespace names

// A style layer in a region.
struct StylePlace {
  std::string name;
  std::string layer;
};
std::vector<StylePlace> style_places(const Problem& problem);

// True when a loss of the problem is a function of such moments: it is given kMean and kCovariance,
// or kGram.
bool needs(const Problem& problem, MomentKind kind);

// kMean and kCovariance at each place, of what its mask leaves of a tile of the problem's size.
ort::Model build_moments_model(const Network& network, const Problem& tile,
                               std::span<const StylePlace> places);

// Of the moments of the whole picture: kSums of the style losses, and at each place kSlope and,
// where a loss needs means, kOffset of all its losses together.
ort::Model build_slopes_model(const Network& network, const Problem& problem);

// kGradient of a tile and kSums of the content losses there, from slopes and masks.
ort::Model build_tile_gradient_model(const Network& network, const FlippedFilters& flipped,
                                     const Problem& tile);

}  // namespace impasto
