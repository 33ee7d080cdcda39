// Where each pixel of a frame stood in the frame before, at the size of drafts.
#pragma once

#include "base/tensor.h"

namespace impasto {

struct Motion {
  Image offsets;  // [2, H, W]: how far to the right and below, px, it stood before
  Image trust;    // [1, H, W]: 0 where it did not stand there, or nobody can tell, up to 1
};

// Lucas & Kanade 1981 in every pixel, coarse to fine, there and back: where the way back does not
// lead home, or the colors are others, nothing is trusted. Both [3, H, W], 0 … 1, of one size.
Motion find_motion(const Image& now, const Image& before);

// Too little of one is in the other.
bool is_cut(const Motion& motion);

// `now`, but where the motion is trusted, `share` of it, 0 … 1, is what stood there in the frame
// before. Both [3, any H, W] of one size, which may be another than the motion's.
Image carry_along(const Image& before, const Motion& motion, const Image& now, double share);

}  // namespace impasto
