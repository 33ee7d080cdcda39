// Parts of a picture that stay as they were.
#pragma once

#include <span>

#include "base/tensor.h"

namespace impasto {

// Values of a mask that mean all or nothing, in place: white as a lossy format keeps it is white.
void snap_ends(Image& mask);

// `painted` [3, H, W] becomes `original` where `mask` [1, H, W] is 1, to the bit, and the mixture
// of both where it is between; `original` may have more channels.
void put_back(const Image& original, const Image& mask, std::span<float> painted);

// Of a function of what put_back() makes of x: its gradient with respect to that → to x, in place.
void hold_back(const Image& mask, std::span<float> gradient);

}  // namespace impasto
