#include "image/noise.h"

#include "base/random.h"
#include "image/resize.h"

namespace impasto {
Image noise(int width, int height, std::uint32_t seed) {
  constexpr double kMean = 0.5, kDeviation = 0.15;
  Image result{3, height, width, {}};
  result.data.resize(result.size());
  Random random(seed);
  for (float& value : result.data) {
    value = static_cast<float>(kMean + random.normal(kDeviation));
  }
  clamp_to_unit(result);
  return result;
}

}  // namespace impasto
