// Which style paints where: masks as they were given, and what they mean at one scale. After Gatys,
// Ecker, Bethge, Hertzmann & Shechtman 2017, "Controlling Perceptual Factors in Neural Style
// Transfer", §4: each region has statistics and a target of its own. Ours are weighted by soft
// masks, and counted by area.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "optimize/schedule.h"

namespace impasto {

// What of a request makes a problem larger.
struct Parts {
  bool masked = false;  // not all of the content counts
  int regions = 0;
};

// Styles with the same part of the picture: they are blended into one target.
struct Region {
  std::vector<std::size_t> styles;  // places in the request, none of weight 0
  double weight = 0;                // of all of them
  std::optional<Image> mask;        // as given, [1, any size]; none: everywhere
};

// Of one style: the part of the picture that it has, and its weight.
struct RegionWish {
  const Image* mask = nullptr;  // none: everywhere
  double weight = 0;
};

// One region for each different mask; none when no style has one.
std::vector<Region> group_regions(std::span<const RegionWish> styles);

// By area to the scale's size, [1, h, w].
Image scaled_mask(const Image& mask, Size size);

// What each region has of each pixel of `size`, together no more than `visible` (of that size;
// null: all). Where masks overlap they share by their weights.
std::vector<Image> share_pixels(std::span<const Region> regions, Size size, const Image* visible);

// Those of `layers` of which what `mask` leaves of a picture has enough positions.
std::vector<std::string> supported_layers(const std::vector<std::string>& layers,
                                          const Image& mask);

}  // namespace impasto
