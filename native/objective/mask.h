// Masks at the sizes of the feature maps: each block halves the one before by averaging 2×2, as the
// pools do, so that a feature counts as much as its pixels do.
#pragma once

#include <span>
#include <vector>

namespace impasto {

struct LayerMask {
  std::vector<float> values;  // [h, w] in 0 … 1; empty when there is no mask
  double area = 0;            // their sum, or h·w
};

inline constexpr int kBlocks = 5;  // of a VGG

// One for each of `blocks` blocks. `mask`: [H, W], or empty for none.
std::vector<LayerMask> block_masks(std::span<const float> mask, int height, int width, int blocks);

// Throws Error("bad-picture") when nothing is left to see.
void require_visible(const LayerMask& mask);

// What a part of a picture must have of a layer to have statistics of its own: as much as the
// smallest whole picture, 32 px and its margin, has of the deepest block.
inline constexpr double kFewestPositions = 9;

}  // namespace impasto
