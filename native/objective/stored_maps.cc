#include "objective/stored_maps.h"

#include <algorithm>

namespace impasto {
namespace {

constexpr float kMostStored = 65535;

// visit(channel, begin of the row in the maps, begin in the store)
template <class Visit>
void each_row(const FeatureShape& shape, const Inside& inside, Visit visit) {
  std::size_t stored = 0;
  for (int channel = 0; channel < shape.channels; ++channel) {
    for (int y = 0; y < inside.height; ++y) {
      const std::size_t row = channel * shape.plane() +
                              static_cast<std::size_t>(inside.top + y) * shape.width + inside.left;
      visit(static_cast<std::size_t>(channel), row, stored);
      stored += static_cast<std::size_t>(inside.width);
    }
  }
}

}  // namespace

StoredMaps::StoredMaps(std::span<const float> maps, const FeatureShape& shape, const Inside& inside)
    : inside_(inside),
      units_(static_cast<std::size_t>(shape.channels)),
      values_(static_cast<std::size_t>(shape.channels) * inside.height * inside.width) {
  each_row(shape, inside, [&](std::size_t channel, std::size_t from, std::size_t) {
    const auto row = maps.subspan(from, static_cast<std::size_t>(inside.width));
    const float largest = row.empty() ? 0 : *std::max_element(row.begin(), row.end());
    units_[channel] = std::max(units_[channel], largest / kMostStored);
  });
  each_row(shape, inside, [&](std::size_t channel, std::size_t from, std::size_t to) {
    if (units_[channel] <= 0) return;
    const float scale = 1 / units_[channel];
    for (int x = 0; x < inside.width; ++x) {
      values_[to + x] =
          static_cast<std::uint16_t>(std::clamp(maps[from + x] * scale + 0.5f, 0.0f, kMostStored));
    }
  });
}

void StoredMaps::write_to(std::span<float> maps, const FeatureShape& shape) const {
  each_row(shape, inside_, [&](std::size_t channel, std::size_t to, std::size_t from) {
    for (int x = 0; x < inside_.width; ++x) {
      maps[to + x] = units_[channel] * static_cast<float>(values_[from + x]);
    }
  });
}

}  // namespace impasto
