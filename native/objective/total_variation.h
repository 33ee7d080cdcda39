// Total variation of the pixels, [3, H, W]: value, and gradient added in place.
//   l2: mean((Δy x)²) + mean((Δx x)²)      l1: the same with |·|
//   nine-point: mean of 2·(d₁/3 + d₂/3 + d₃/12 + d₄/12) over the pixels, d the squared differences
//   to the right, below and on both diagonals, none across the border (crowsonkb 2021, who
//   replicates the border instead).
#pragma once

#include <span>

#include "base/settings.h"

namespace impasto {

// Adds weight · gradient to `gradient` and returns the unweighted value. Each mean is over the
// number of its own differences; nine-point over 3·H·W.
double total_variation(std::span<const float> pixels, int height, int width, TvNorm norm,
                       double weight, std::span<float> gradient);

}  // namespace impasto
