// The detailer's graphs for one window of a picture: the encoder with its statistics, and the
// decoder that paints. Between them the host makes the maps that carry one onto the other. Each is
// cut in two: deep layers see far, and windows of theirs overlap by much, but have few values a
// pixel, so that large windows fit; shallow layers see a few pixels, and their windows may be
// small.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "detail/detailer.h"
#include "detail/transport.h"
#include "graph/vgg.h"

namespace impasto {

// Names of inputs and outputs; a layer's are "<what>_<layer>". Features go by the layer's name.
namespace detail_names {
inline constexpr const char* kPixels = "pixels";           // [1, 3, h + 2, w + 2]
inline constexpr const char* kWeights = "weights_";        // [1, h·w], what each position counts
inline constexpr const char* kInverse = "inverse_";        // [1, 1], 1 over their sum
inline constexpr const char* kMean = "mean_";              // [C, 1]
inline constexpr const char* kCovariance = "covariance_";  // [C, C]
inline constexpr const char* kNoise = "noise_";            // [1, n, h + 2, w + 2]
inline constexpr const char* kMade = "made_";              // [1, C, h, w], a level's maps
inline constexpr const char* kPicture = "picture";         // [1, 3, h, w]
}  // namespace detail_names

// A layer that the detailer carries, deep to shallow as its levels are.
struct DetailLayer {
  std::string name;
  std::size_t index = 0;  // among the encoder's convolutions
  FeatureShape shape;
};

// [1, C, h, w] → [1, C, 2h, 2w], bilinear, as the decoder enlarges its maps.
std::string twice_as_large(GraphBuilder& graph, const std::string& maps);

// Throws Error("bad-network") when detailer and encoder do not fit each other.
std::vector<DetailLayer> detail_layers(const Network& encoder, const Detailer& detailer, int height,
                                       int width);

// Of the maps that a level of the decoder makes.
int made_channels(const Detailer& detailer, std::size_t level);

// Of the levels, deep to shallow: first … end - 1.
struct LevelRange {
  std::size_t first = 0;
  std::size_t end = 0;
};
// From the features of relu3_1 on; none where that is the deepest.
constexpr LevelRange deep_encoder(std::size_t levels) { return {0, levels - 3}; }
// From the pixels on.
constexpr LevelRange shallow_encoder(std::size_t levels) { return {levels - 3, levels}; }
// To the maps of its last level.
constexpr LevelRange deep_decoder(std::size_t levels) { return {0, levels - 2}; }
// To the picture.
constexpr LevelRange shallow_decoder(std::size_t levels) { return {levels - 2, levels}; }

// What a layer's noise is drawn by: the same however many levels a detailer has.
int noise_place(const DetailLayer& layer);

// Inputs: pixels, or the features that the deep layers begin with; weights, unless all positions
// count alike. Outputs: features, mean and covariance of each layer in the range.
ort::Model build_encoder(const Network& encoder, const std::vector<DetailLayer>& layers,
                         LevelRange range, int height, int width, bool weighted);

// Inputs: the maps of the level before the range; and, each with what stands around it,
// [1, C, h + 2, w + 2], pixels, features of those of the first `kept` layers that are in the range,
// and noise where a level has some. `maps`: by layer; they become part of the filters.
ort::Model build_decoder(const Network& encoder, const Detailer& detailer,
                         const std::vector<DetailLayer>& layers,
                         const std::map<std::string, AffineMap>& maps, LevelRange range,
                         std::size_t kept, int height, int width);

}  // namespace impasto
