#include "image/noise.h"

#include <cmath>
#include <numbers>

#include "image/resize.h"

namespace impasto {
namespace {

// SplitMix64 (Steele, Lea & Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // In (0, 1].
  double uniform() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return static_cast<double>((z >> 11) + 1) * 0x1.0p-53;
  }

 private:
  std::uint64_t state_;
};

}  // namespace

Image noise(int width, int height, std::uint32_t seed) {
  constexpr double kMean = 0.5, kDeviation = 0.15;
  Image result{3, height, width, {}};
  result.data.resize(result.size());
  Random random(seed);
  for (float& value : result.data) {
    // Box & Muller 1958, one of the pair.
    const double radius = std::sqrt(-2 * std::log(random.uniform()));
    value = static_cast<float>(kMean + kDeviation * radius *
                                           std::cos(2 * std::numbers::pi * random.uniform()));
  }
  clamp_to_unit(result);
  return result;
}

}  // namespace impasto
