// Feature maps after ReLU kept at 16 bits, each channel relative to its largest value: half the
// memory, and an error of 1e-5 of that value, far below what float32 sums leave of a gradient.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "objective/tiles.h"

namespace impasto {

// The inside of one tile's maps.
class StoredMaps {
 public:
  StoredMaps() = default;
  // `maps`: [channels, height, width].
  StoredMaps(std::span<const float> maps, const FeatureShape& shape, const Inside& inside);

  // Writes the inside and leaves the rest as it is.
  void write_to(std::span<float> maps, const FeatureShape& shape) const;

 private:
  Inside inside_;
  std::vector<float> units_;  // [C]
  std::vector<std::uint16_t> values_;
};

}  // namespace impasto
