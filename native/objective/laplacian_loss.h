// Laplacian loss (Li, Xu, Nie & Liu 2017, eq. 3 to 5): the picture has the content's edges, fine
// lines as well, which feature maps forget. The Laplacian of the pooled picture, channels added up,
// against the content's.
#pragma once

#include <span>
#include <vector>

#include "base/tensor.h"

namespace impasto {

class LaplacianLoss {
 public:
  // content: [3, H, W], at least 32 px a side.
  explicit LaplacianLoss(const Image& content);

  // The mean over pool sizes of Σ (D x − D c)² / Σ (D c)²; x: [3, H, W]. Adds weight · its gradient
  // to `gradient`.
  double add(std::span<const float> pixels, double weight, std::span<float> gradient) const;

 private:
  // Of one size of pools.
  struct Level {
    int pool = 0;
    int height = 0, width = 0;      // of the pooled picture
    std::vector<double> laplacian;  // of the content, [height − 2, width − 2]
    double energy = 0;
  };

  int height_;
  int width_;
  std::vector<Level> levels_;
};

}  // namespace impasto
