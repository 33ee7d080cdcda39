// A picture with transparency: what the user gave, split into colors and a mask, resized without
// letting the colors of transparent pixels bleed in.
#pragma once

#include <optional>

#include "base/tensor.h"

namespace impasto {

struct Picture {
  Image rgb;                   // [3, H, W], 0 … 1; defined under transparent pixels, too
  std::optional<Image> alpha;  // [1, H, W], 0 … 1; none when every pixel is opaque
};

// True when something of it is transparent.
bool has_alpha(const Image& image);

// Splits [3 or 4, H, W]. Pixels that are fully transparent take the colors of their surroundings,
// so that nothing invisible has an edge. Throws Error("bad-picture") when no pixel is visible.
Picture split_alpha(Image image);

// Colors and alpha are resampled apart: what lies under transparent pixels continues their
// surroundings (split_alpha). Values stay within 0 … 1.
Picture resize(const Picture& picture, int width, int height);

// [3 or 4, H, W] without its alpha; what lies under transparent pixels stays as it is.
Image opaque(Image image);

// [4, H, W] when there is an alpha, else the colors.
Image join_alpha(Image rgb, const std::optional<Image>& alpha);

}  // namespace impasto
