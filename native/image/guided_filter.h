// The finish that makes a painting photographic: its colors stay, its edges and textures become
// another picture's. The guided filter of He, Sun & Tang 2013 (eq. 19 to 21, guide in color), with
// the coefficients at a small size and applied at the picture's own (He & Sun 2015).
#pragma once

#include "base/tensor.h"

namespace impasto {

// Within each window of the guide the best affine function of its colors to the picture's; windows
// overlap and are averaged. Both [3, H, W], 0 … 1, of one size; the result stays within 0 … 1.
// `share`: of the way from the picture there, 0 … 1.
Image guided_filter(const Image& picture, const Image& guide, double share);

}  // namespace impasto
