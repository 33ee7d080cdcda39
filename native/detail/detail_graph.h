// The detailer's two graphs for one window of a picture: the encoder with its statistics, and the
// decoder that paints. Between them the host makes the maps that carry one onto the other. Shallow
// features are large and cheap: the decoder makes them again instead of having them kept.
#pragma once

#include <string>
#include <vector>

#include "detail/detailer.h"
#include "graph/vgg.h"

namespace impasto {

// Names of inputs and outputs; a layer's are "<what>_<layer>". Features go by the layer's name.
namespace detail_names {
inline constexpr const char* kPixels = "pixels";           // [1, 3, h + 2, w + 2]
inline constexpr const char* kWeights = "weights_";        // [1, h·w], what each position counts
inline constexpr const char* kInverse = "inverse_";        // [1, 1], 1 over their sum
inline constexpr const char* kMean = "mean_";              // [C, 1]
inline constexpr const char* kCovariance = "covariance_";  // [C, C]
inline constexpr const char* kMatrix = "matrix_";          // [C, C]
inline constexpr const char* kOffset = "offset_";          // [C, 1]
inline constexpr const char* kNoise = "noise_";            // [1, n, h, w]
inline constexpr const char* kMixed = "mixed";             // [1, 4, h, w], around 0, and zeros
inline constexpr const char* kPicture = "picture";         // [1, 3, h, w]
}  // namespace detail_names

// Channels of `mixed`: the CPU provider's fast convolutions want a multiple of four.
inline constexpr int kMixedChannels = 4;

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

// Outputs: features, mean and covariance of each layer. Without weights all positions count alike.
ort::Model build_encoder(const Network& encoder, const std::vector<DetailLayer>& layers, int height,
                         int width, bool weighted);

// Inputs: pixels, features of the first `kept` layers, the map of each layer, noise where a level
// has some, and mixed. The picture is around 0, too.
ort::Model build_decoder(const Network& encoder, const Detailer& detailer,
                         const std::vector<DetailLayer>& layers, std::size_t kept, int height,
                         int width);

}  // namespace impasto
