// The matting Laplacian of a content picture (Levin, Lischinski & Weiss 2008, eq. 12 and 13), as
// a regularizer that keeps a painting photographic (Luan, Paris, Shechtman & Bala 2017, eq. 3):
// xᵀ L x is 0 exactly where, in each 3 × 3 window, the picture is an affine function of the
// content's colors.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/tensor.h"

namespace impasto {

class MattingLaplacian {
 public:
  // content: [3, H, W], both sides at least 3.
  explicit MattingLaplacian(const Image& content);

  // Σ over channels of xᵀ L x, divided by the number of pixels; x: [3, H, W]. Adds weight · 2 L x
  // of that to `gradient`.
  double add(std::span<const float> pixels, double weight, std::span<float> gradient) const;

  static std::size_t bytes(std::size_t pixels) { return kNeighbors * pixels * sizeof(float); }

 private:
  // Of the 5 × 5 pixels around, those that come later by rows: L is symmetric.
  static constexpr std::size_t kNeighbors = 12;

  int height_;
  int width_;
  // −L between each pixel and its later neighbors; [H, W] each. L's rows add up to 0, so its
  // diagonal is known, and xᵀ L x is the sum of −L (xᵢ − xⱼ)², of which constants leave no
  // rounding.
  std::array<std::vector<float>, kNeighbors> links_;
};

}  // namespace impasto
