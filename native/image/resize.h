// Resampling of planar float pictures, separable, on values as they are (sRGB-encoded, as the
// network sees them).
#pragma once

#include "base/tensor.h"

namespace impasto {

enum class Filter {
  kSmooth,    // Lanczos-3 with its support stretched when shrinking, Catmull-Rom when enlarging
  kBicubic,   // Catmull-Rom, antialiased when shrinking
  kBilinear,  // triangle, antialiased when shrinking; never leaves the range of its input
  kArea,      // the mean over what a pixel covers; for masks
};

// Any number of channels. The border repeats the outermost pixel. Values may overshoot; see clamp.
// `threads` share the rows.
Image resize(const Image& image, int width, int height, Filter filter = Filter::kSmooth,
             int threads = 1);

// Limits every value to 0 … 1, in place.
void clamp_to_unit(Image& image);

}  // namespace impasto
