// A picture with a margin around it, mirrored from its inside. Deep layers see zeros beyond the
// border and paint a band of odd colors along it; on a canvas that is larger than the picture the
// band is cut off.
#pragma once

#include "base/tensor.h"

namespace impasto {

// Pixels on each side: empirical, as wide as the band that shows.
constexpr int kCanvasMargin = 8;

// [C, H, W] → [C, H + 2·margin, W + 2·margin]; each side must be longer than the margin.
Image extend(const Image& picture);

// The inverse: what lies within the margin.
Image crop(const Image& canvas);

}  // namespace impasto
