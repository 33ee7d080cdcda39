// VGG16 and VGG19 (Simonyan & Zisserman 2014) as graph nodes: forward to a given depth, and the
// gradient back from any layers to the pixels. Widths come from the network file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/builder.h"
#include "graph/flipped_filters.h"

namespace impasto {

struct FeatureShape {
  int channels = 0;
  int height = 0;
  int width = 0;
  std::size_t plane() const { return static_cast<std::size_t>(height) * width; }
  std::size_t size() const { return plane() * channels; }
};

// The layer's place in the network, from 0.
// Throws Error("layer-missing") that names the layers which the network has.
std::size_t layer_index(const Network& network, const std::string& layer);

// 1 … 5 of "relu1_1" … "relu5_4".
int block_of(const std::string& layer);

// Shapes of the features of a picture of height × width; pools floor.
std::vector<FeatureShape> feature_shapes(const Network& network, int height, int width);

struct VggForward {
  std::vector<std::string> features;  // [1, C, h, w] after ReLU, by convolution; named as the layer
  std::vector<std::string> pooled;    // pool before that convolution; empty where there is none
  std::vector<FeatureShape> shapes;
};

// What stands around the maps that a convolution reads: zeros, as the networks were trained, or
// their outermost values, which leaves no frame in pictures that are decoded from the features.
enum class Border { kZero, kReplicate };

// `pixels`: [1, 3, height + 2, width + 2], normalized, with one pixel of padding around, so that
// the first convolution pads nothing and the padding is the caller's choice. With `begin`, what
// that convolution reads stands in their place, padded as well, and the layers before have no
// names.
VggForward add_vgg_forward(GraphBuilder& graph, const Network& network, const std::string& pixels,
                           int height, int width, std::size_t depth, Pooling pooling,
                           Border border = Border::kZero, std::size_t begin = 0);

// `maps` [1, C, h, w] with their outermost values repeated once around: [1, C, h + 2, w + 2].
std::string add_replicated_border(GraphBuilder& graph, const std::string& maps);

// `gradients`: by layer index, [1, C, h, w], of the loss with respect to that layer's features; at
// least one. Returns the gradient with respect to `pixels`.
std::string add_vgg_backward(GraphBuilder& graph, const FlippedFilters& flipped,
                             const VggForward& forward,
                             const std::map<std::size_t, std::string>& gradients, Pooling pooling,
                             const std::string& result);

}  // namespace impasto
