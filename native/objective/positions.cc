#include "objective/positions.h"

#include <algorithm>
#include <cmath>

namespace impasto {

std::vector<std::int64_t> spread_positions(std::size_t count, std::size_t most) {
  std::vector<std::int64_t> positions(std::min(count, most));
  for (std::size_t i = 0; i < positions.size(); ++i) {
    // One in each of equal stretches, at golden ratios of them, so that no column of the picture
    // and no rhythm in it is preferred.
    double within = static_cast<double>(i) * 0.6180339887498949;
    within -= std::floor(within);
    positions[i] =
        static_cast<std::int64_t>((static_cast<double>(i) + within) * static_cast<double>(count) /
                                  static_cast<double>(positions.size()));
  }
  return positions;
}

}  // namespace impasto
