#include "detail/place_noise.h"

#include <cmath>
#include <cstddef>

namespace impasto {
namespace {

// A permutation of 32-bit numbers that scatters them (Wellons 2018, lowbias32).
std::uint32_t scatter(std::uint32_t value) {
  value ^= value >> 16;
  value *= 0x7feb352du;
  value ^= value >> 15;
  value *= 0x846ca68bu;
  return value ^ (value >> 16);
}

std::uint32_t chain(std::uint32_t value, int part) {
  return scatter(value + static_cast<std::uint32_t>(part) + 0x9e3779b9u);
}

}  // namespace

void place_noise(std::uint32_t seed, int level, int channels, const NoiseWindow& window,
                 std::span<float> values) {
  const double factor = std::sqrt(12.0);
  std::size_t at = 0;
  for (int channel = 0; channel < channels; ++channel) {
    const std::uint32_t of_channel = chain(chain(seed, level), channel);
    for (int y = 0; y < window.height; ++y) {
      const std::uint32_t of_row = chain(of_channel, window.top + y);
      for (int x = 0; x < window.width; ++x) {
        const double unit = ((chain(of_row, window.left + x) >> 8) + 0.5) * 0x1.0p-24;
        values[at++] = static_cast<float>(factor * (unit - 0.5));
      }
    }
  }
}

}  // namespace impasto
