// Windows of planar maps.
#pragma once

#include <map>
#include <span>
#include <string>

#include "base/tensor.h"
#include "image/windows.h"

namespace impasto {

// Sides of pictures are multiples of what the deepest layer's features stand for.
inline constexpr int kHalvings = 4;
inline constexpr int kMultiple = 1 << kHalvings;
int up_to_multiple(int size);

// The outermost pixels repeated at the right and below.
Image pad_up(Image image);

// Features of a whole picture, by layer.
using FeatureMaps = std::map<std::string, Image>;

// The window in maps that are `shrink` times smaller than the picture that it is one of.
Window shrunk(const Window& window, int shrink);

// The part from the window's beginnings on, height × width, and `around` positions more on each
// side; the outermost ones are repeated beyond.
void cut(const Image& maps, const Window& window, int height, int width, int around,
         std::span<float> part);

// The inside of `part` [C, height, width] where it belongs in `maps`.
void paste(std::span<const float> part, int height, int width, const Window& window, Image& maps);

}  // namespace impasto
