// Self-similarity loss of one layer (Kolkin, Salavon & Shakhnarovich 2019, eq. 7): how far each
// place of the picture is from each other one, by the cosine of their features, is as in the
// content. The layout stays, colors and textures are free. At a sample of positions, the same in
// every picture of a size.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph/vgg.h"
#include "objective/loss.h"

namespace impasto {

// The sample; all of a layer's positions where they are few.
std::vector<std::int64_t> sample_positions(std::size_t positions);

// Distances by the cosine between the positions of the sample, each column divided by its sum
// (weighted by `mask`, which may be empty): [n, n].
std::vector<float> self_distances(std::span<const float> features, const FeatureShape& shape,
                                  std::span<const float> mask);

// Inputs: target [n, n] from self_distances(), factor [1, 1, 1, 1], mask [1, 1, h, w] or empty.
// sum: the mean over columns of Σ |A − target|, 0 … 2; gradient = factor / 2 · its gradient.
LossNodes add_self_similarity(GraphBuilder& graph, const std::string& features,
                              const FeatureShape& shape, const std::string& target,
                              const std::string& factor, const std::string& mask);

}  // namespace impasto
