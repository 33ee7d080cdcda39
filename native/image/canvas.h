// A picture with a margin around it, mirrored from its inside, or, of a seamless picture, from its
// other side. Deep layers see zeros beyond the border and paint a band of odd colors along it; on a
// canvas that is larger than the picture the band is cut off.
#pragma once

#include <span>

#include "base/settings.h"
#include "base/tensor.h"

namespace impasto {

// Pixels on each side: empirical, as wide as the band that shows.
constexpr int kCanvasMargin = 8;

// [C, H, W] → [C, H + 2·margin, W + 2·margin]; each side must be longer than the margin.
Image extend(const Image& picture, Seamless seamless = Seamless::kOff);

// Makes a picture fit together with itself, in place: towards its sides it fades into its own
// mirror image, half of each at the border. What it shows there would otherwise be painted as an
// edge.
void join_sides(Image& picture, Seamless seamless);

// The inverse of extend(): what lies within the margin.
Image crop(const Image& canvas);

// The gradient along canvases whose margin repeats the other side: each pixel of `gradient`
// [3, height, width] becomes the mean over its copies, the orthogonal projection. Descent from such
// a canvas then stays among them.
void keep_seamless(std::span<float> gradient, int height, int width, Seamless seamless);

}  // namespace impasto
