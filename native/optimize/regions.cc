#include "optimize/regions.h"

#include <algorithm>

#include "graph/vgg.h"
#include "image/resize.h"
#include "objective/mask.h"

namespace impasto {
namespace {

bool same_mask(const Image* a, const std::optional<Image>& b) {
  if (a == nullptr || !b) return a == nullptr && !b;
  return a->width == b->width && a->height == b->height && a->data == b->data;
}

}  // namespace

std::vector<Region> group_regions(std::span<const RegionWish> styles) {
  std::vector<Region> regions;
  for (std::size_t i = 0; i < styles.size(); ++i) {
    if (styles[i].weight == 0) continue;
    const Image* mask = styles[i].mask;
    auto place = std::find_if(regions.begin(), regions.end(), [mask](const Region& region) {
      return same_mask(mask, region.mask);
    });
    if (place == regions.end()) {
      regions.emplace_back();
      place = regions.end() - 1;
      if (mask != nullptr) place->mask = *mask;
    }
    place->styles.push_back(i);
    place->weight += styles[i].weight;
  }
  if (regions.size() == 1 && !regions.front().mask) regions.clear();
  return regions;
}

Image scaled_mask(const Image& mask, Size size) {
  Image scaled = resize(mask, size.width, size.height, Filter::kArea);
  clamp_to_unit(scaled);
  return scaled;
}

std::vector<Image> share_pixels(std::span<const Region> regions, Size size, const Image* visible) {
  std::vector<Image> shares;
  for (const Region& region : regions) {
    if (region.mask) {
      shares.push_back(scaled_mask(*region.mask, size));
    } else {
      shares.push_back({1, size.height, size.width, {}});
      shares.back().data.assign(shares.back().plane(), 1);
    }
  }
  const std::size_t plane = static_cast<std::size_t>(size.width) * size.height;
  for (std::size_t i = 0; i < plane; ++i) {
    double covered = 0;
    double weighted = 0;
    for (std::size_t r = 0; r < regions.size(); ++r) {
      covered += shares[r].data[i];
      weighted += regions[r].weight * shares[r].data[i];
    }
    if (covered == 0) continue;
    const double there = std::min(1.0, covered) * (visible == nullptr ? 1 : visible->data[i]);
    for (std::size_t r = 0; r < regions.size(); ++r) {
      float& share = shares[r].data[i];
      share = static_cast<float>(there * regions[r].weight * share / weighted);
    }
  }
  return shares;
}

std::vector<std::string> supported_layers(const std::vector<std::string>& layers,
                                          const Image& mask) {
  const auto masks = block_masks(mask.data, mask.height, mask.width, kBlocks);
  std::vector<std::string> supported;
  for (const std::string& layer : layers) {
    const LayerMask& level = masks[static_cast<std::size_t>(block_of(layer) - 1)];
    if (level.area >= kFewestPositions) supported.push_back(layer);
  }
  return supported;
}

}  // namespace impasto
